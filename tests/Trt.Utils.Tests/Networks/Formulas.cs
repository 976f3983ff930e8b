namespace Trt.Utils.Tests.Networks;

/// <summary>What PyTorch's documentation says that its modules compute, written as sums.</summary>
internal static class Formulas
{
    public static Grid Conv2d(Grid x, Grid w, Grid? bias, DimsHW stride, DimsHW padding, DimsHW dilation, long groups)
    {
        long perGroup = w.Shape[0] / groups;
        long[] shape =
        [
            x.Shape[0], w.Shape[0],
            ((x.Shape[2] + (2 * padding.Height) - (dilation.Height * (w.Shape[2] - 1)) - 1) / stride.Height) + 1,
            ((x.Shape[3] + (2 * padding.Width) - (dilation.Width * (w.Shape[3] - 1)) - 1) / stride.Width) + 1,
        ];
        return Grid.From(shape, (n, o, y, z) =>
        {
            double sum = bias?[o] ?? 0;
            for (long c = 0; c < w.Shape[1]; c++)
            {
                for (long i = 0; i < w.Shape[2]; i++)
                {
                    for (long j = 0; j < w.Shape[3]; j++)
                    {
                        long row = (y * stride.Height) - padding.Height + (i * dilation.Height);
                        long column = (z * stride.Width) - padding.Width + (j * dilation.Width);
                        sum += Inside(x, row, column) ? w[o, c, i, j] * x[n, (o / perGroup * w.Shape[1]) + c, row, column] : 0;
                    }
                }
            }

            return sum;
        });
    }

    /// <summary>Every element of the input writes its kernel to the output.</summary>
    public static Grid ConvTranspose2d(Grid x, Grid w, Grid bias, DimsHW stride, DimsHW padding, DimsHW outputPadding, DimsHW dilation, long groups)
    {
        long perGroup = w.Shape[1];
        Grid y = Grid.From(
            [
                x.Shape[0], perGroup * groups,
                ((x.Shape[2] - 1) * stride.Height) - (2 * padding.Height) + (dilation.Height * (w.Shape[2] - 1)) + outputPadding.Height + 1,
                ((x.Shape[3] - 1) * stride.Width) - (2 * padding.Width) + (dilation.Width * (w.Shape[3] - 1)) + outputPadding.Width + 1,
            ],
            (_, o, _, _) => bias[o]);
        Grid.From(x.Shape, (n, c, row, column) =>
        {
            long group = c / (x.Shape[1] / groups);
            for (long o = 0; o < perGroup; o++)
            {
                for (long i = 0; i < w.Shape[2]; i++)
                {
                    for (long j = 0; j < w.Shape[3]; j++)
                    {
                        long above = (row * stride.Height) - padding.Height + (i * dilation.Height);
                        long left = (column * stride.Width) - padding.Width + (j * dilation.Width);
                        if (Inside(y, above, left))
                        {
                            y[n, (group * perGroup) + o, above, left] += x[n, c, row, column] * w[c, o, i, j];
                        }
                    }
                }
            }

            return 0;
        });
        return y;
    }

    public static Grid BatchNorm(Grid x, WeightsMap w, double epsilon)
    {
        Grid mean = w["running_mean"];
        Grid variance = w["running_var"];
        Grid? gamma = Grid.OrNull(w["weight"]);
        Grid? beta = Grid.OrNull(w["bias"]);
        return Grid.From(x.Shape, (n, c, i, j) => ((x[n, c, i, j] - mean[c]) / Math.Sqrt(variance[c] + epsilon) * (gamma?[c] ?? 1)) + (beta?[c] ?? 0));
    }

    /// <summary>Normalized over the places of a group, which a function gives a number to each place.</summary>
    public static Grid Normalize(Grid x, Func<long, long, long, long, long> group, Func<long, long, long, long, (double Scale, double Bias)> affine, double epsilon)
    {
        Dictionary<long, (double Sum, double Squares, long Count)> groups = [];
        Grid.From(x.Shape, (a, b, c, d) =>
        {
            (double sum, double squares, long count) = groups.GetValueOrDefault(group(a, b, c, d));
            double value = x[a, b, c, d];
            groups[group(a, b, c, d)] = (sum + value, squares + (value * value), count + 1);
            return 0;
        });
        return Grid.From(x.Shape, (a, b, c, d) =>
        {
            (double sum, double squares, long count) = groups[group(a, b, c, d)];
            double mean = sum / count;
            (double scale, double bias) = affine(a, b, c, d);
            return ((x[a, b, c, d] - mean) / Math.Sqrt((squares / count) - (mean * mean) + epsilon) * scale) + bias;
        });
    }

    /// <summary>x Wᵀ + b along the last of three axes.</summary>
    public static Grid Linear(Grid x, Grid w, Grid? bias, long firstRow = 0, long? rows = null) => Grid.From([x.Shape[0], x.Shape[1], rows ?? w.Shape[0]], (n, l, o, _) =>
    {
        double sum = bias?[firstRow + o] ?? 0;
        for (long i = 0; i < x.Shape[2]; i++)
        {
            sum += x[n, l, i] * w[firstRow + o, i];
        }

        return sum;
    });

    /// <summary>Attention of [N, L, E] queries to [N, S, E] keys; what a query must not look at is told by a function.</summary>
    public static Grid Attention(Grid q, Grid k, Grid v, int heads, Func<long, long, long, long, double> added)
    {
        long size = q.Shape[2] / heads;
        long valueSize = v.Shape[2] / heads;
        Grid result = new(q.Shape[0], q.Shape[1], v.Shape[2]);
        for (long n = 0; n < q.Shape[0]; n++)
        {
            for (long h = 0; h < heads; h++)
            {
                for (long l = 0; l < q.Shape[1]; l++)
                {
                    double[] scores = new double[k.Shape[1]];
                    for (long s = 0; s < scores.Length; s++)
                    {
                        for (long i = h * size; i < (h + 1) * size; i++)
                        {
                            scores[s] += q[n, l, i] * k[n, s, i] / Math.Sqrt(size);
                        }

                        scores[s] += added(n, h, l, s);
                    }

                    double[] weights = Array.ConvertAll(scores, score => Math.Exp(score - scores.Max()));
                    for (long i = h * valueSize; i < (h + 1) * valueSize; i++)
                    {
                        result[n, l, i] = Enumerable.Range(0, scores.Length).Sum(s => weights[s] * v[n, s, i]) / weights.Sum();
                    }
                }
            }
        }

        return result;
    }

    /// <summary>One layer in one direction of an LSTM: [L, N, features] to [L, N, hidden], and the states at the end.</summary>
    public static (Grid Output, Grid Hidden, Grid Cell) Lstm(Grid x, WeightsMap w, string ending, Func<long, long, double> hidden0, Func<long, long, double> cell0)
    {
        Grid wih = w["weight_ih_" + ending];
        Grid whh = w["weight_hh_" + ending];
        Grid? bih = Grid.OrNull(w["bias_ih_" + ending]);
        Grid? bhh = Grid.OrNull(w["bias_hh_" + ending]);
        Grid? projection = Grid.OrNull(w["weight_hr_" + ending]);
        long cells = wih.Shape[0] / 4;
        return Steps(x, ending, [whh.Shape[1], cells], [hidden0, cell0], (t, n, states) =>
        {
            double Gate(long gate, long i) => Sum(x.Shape[2], j => wih[(gate * cells) + i, j] * x[t, n, j]) + Sum(whh.Shape[1], j => whh[(gate * cells) + i, j] * states[0][n, j])
                + (bih?[(gate * cells) + i] ?? 0) + (bhh?[(gate * cells) + i] ?? 0);
            double[] cell = Each(cells, i => (Sigmoid(Gate(1, i)) * states[1][n, i]) + (Sigmoid(Gate(0, i)) * Math.Tanh(Gate(2, i))));
            double[] state = Each(cells, i => Sigmoid(Gate(3, i)) * Math.Tanh(cell[i]));
            return [projection is null ? state : Each(projection.Shape[0], o => Sum(cells, i => projection[o, i] * state[i])), cell];
        }) is [Grid output, Grid hidden, Grid last] ? (output, hidden, last) : throw new InvalidOperationException();
    }

    public static (Grid Output, Grid Hidden) Gru(Grid x, WeightsMap w, string ending, Func<long, long, double> hidden0)
    {
        Grid wih = w["weight_ih_" + ending];
        Grid whh = w["weight_hh_" + ending];
        Grid bih = w["bias_ih_" + ending];
        Grid bhh = w["bias_hh_" + ending];
        long size = whh.Shape[1];
        Grid[] result = Steps(x, ending, [size], [hidden0], (t, n, states) =>
        {
            double Input(long gate, long i) => Sum(x.Shape[2], j => wih[(gate * size) + i, j] * x[t, n, j]) + bih[(gate * size) + i];
            double State(long gate, long i) => Sum(size, j => whh[(gate * size) + i, j] * states[0][n, j]) + bhh[(gate * size) + i];
            return
            [
                Each(size, i =>
                {
                    double reset = Sigmoid(Input(0, i) + State(0, i));
                    double update = Sigmoid(Input(1, i) + State(1, i));
                    double fresh = Math.Tanh(Input(2, i) + (reset * State(2, i)));
                    return ((1 - update) * fresh) + (update * states[0][n, i]);
                }),
            ];
        });
        return (result[0], result[1]);
    }

    /// <summary>Bilinear: between the pixels around a place.</summary>
    public static Grid Bilinear(Grid x, long height, long width, bool alignCorners) => Grid.From([x.Shape[0], x.Shape[1], height, width], (n, c, y, z) =>
    {
        (long top, long bottom, double down) = Between(y, x.Shape[2], height, alignCorners);
        (long left, long right, double across) = Between(z, x.Shape[3], width, alignCorners);
        double above = (x[n, c, top, left] * (1 - across)) + (x[n, c, top, right] * across);
        double below = (x[n, c, bottom, left] * (1 - across)) + (x[n, c, bottom, right] * across);
        return (above * (1 - down)) + (below * down);
    });

    public static Grid Pool(Grid x, long height, long width, DimsHW window, DimsHW stride, DimsHW padding, Func<List<double>, int, double> what) => Grid.From([x.Shape[0], x.Shape[1], height, width], (n, c, y, z) =>
    {
        List<double> inside = [];
        int withPadding = 0;
        for (long row = (y * stride.Height) - padding.Height; row < (y * stride.Height) - padding.Height + window.Height; row++)
        {
            for (long column = (z * stride.Width) - padding.Width; column < (z * stride.Width) - padding.Width + window.Width; column++)
            {
                withPadding++;
                if (Inside(x, row, column))
                {
                    inside.Add(x[n, c, row, column]);
                }
            }
        }

        return what(inside, withPadding);
    });

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>The error function by its series.</summary>
    public static double Erf(double x)
    {
        double term = x;
        double sum = x;
        for (int n = 1; n < 200; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    /// <summary>Runs a recurrent layer: its outputs of all steps, and each kind of state at the end, [1, N, width].</summary>
    private static Grid[] Steps(Grid x, string ending, long[] widths, Func<long, long, double>[] initial, Func<long, long, Grid[], double[][]> step)
    {
        Grid output = new(x.Shape[0], x.Shape[1], widths[0]);
        Grid[] states = [.. widths.Select((width, kind) => Grid.From([x.Shape[1], width], (n, i, _, _) => initial[kind](n, i)))];
        for (long t = 0; t < x.Shape[0]; t++)
        {
            long place = ending.EndsWith("_reverse", StringComparison.Ordinal) ? x.Shape[0] - 1 - t : t;
            for (long n = 0; n < x.Shape[1]; n++)
            {
                double[][] next = step(place, n, states);
                for (int kind = 0; kind < next.Length; kind++)
                {
                    for (int i = 0; i < next[kind].Length; i++)
                    {
                        states[kind][n, i] = next[kind][i];
                        if (kind == 0)
                        {
                            output[place, n, i] = next[kind][i];
                        }
                    }
                }
            }
        }

        return [output, .. states];
    }

    private static (long First, long Second, double Share) Between(long place, long old, long length, bool alignCorners)
    {
        double source = alignCorners ? place * (old - 1.0) / (length - 1) : Math.Max(((place + 0.5) * old / length) - 0.5, 0);
        long first = Math.Min((long)source, old - 1);
        return (first, Math.Min(first + 1, old - 1), source - first);
    }

    private static double Sum(long count, Func<long, double> term)
    {
        double sum = 0;
        for (long i = 0; i < count; i++)
        {
            sum += term(i);
        }

        return sum;
    }

    private static double[] Each(long count, Func<long, double> value)
    {
        double[] values = new double[count];
        for (long i = 0; i < count; i++)
        {
            values[i] = value(i);
        }

        return values;
    }

    private static bool Inside(Grid x, long row, long column) => row >= 0 && row < x.Shape[2] && column >= 0 && column < x.Shape[3];
}
