namespace Trt.Utils.Tests.Networks;

/// <summary>Networks of pictures after their papers, layer by layer and without folding anything.</summary>
internal static class PlainTrunks
{
    /// <summary>The maps after each layer.</summary>
    public static Grid[] ResNet(Grid x, WeightsMap weights, long groups)
    {
        x = Relu(ConvolutionAndNorm(x, weights["conv1.weight"], weights["bn1"], 2, 3, 1));
        x = Formulas.Pool(x, x.Shape[2] / 2, x.Shape[3] / 2, 3, 2, 1, (inside, _) => inside.Max());
        List<Grid> maps = [];
        for (int layer = 1; layer <= 4; layer++)
        {
            for (int block = 0; weights[$"layer{layer}.{block}"].Exists; block++)
            {
                WeightsMap w = weights[$"layer{layer}.{block}"];
                int stride = layer > 1 && block == 0 ? 2 : 1;
                Grid y;
                if (w.Contains("conv3"))
                {
                    y = Relu(ConvolutionAndNorm(x, w["conv1.weight"], w["bn1"], 1, 0, 1));
                    y = Relu(ConvolutionAndNorm(y, w["conv2.weight"], w["bn2"], stride, 1, groups));
                    y = ConvolutionAndNorm(y, w["conv3.weight"], w["bn3"], 1, 0, 1);
                }
                else
                {
                    y = Relu(ConvolutionAndNorm(x, w["conv1.weight"], w["bn1"], stride, 1, 1));
                    y = ConvolutionAndNorm(y, w["conv2.weight"], w["bn2"], 1, 1, 1);
                }

                Grid before = w.Contains("downsample") ? ConvolutionAndNorm(x, w["downsample.0.weight"], w["downsample.1"], stride, 0, 1) : x;
                x = Relu(Grid.From(y.Shape, (n, c, i, j) => y[n, c, i, j] + before[n, c, i, j]));
            }

            maps.Add(x);
        }

        return [.. maps];
    }

    /// <summary>The maps at strides 8, 16 and 32.</summary>
    public static Grid[] MobileNetV2(Grid x, WeightsMap weights)
    {
        int[] strides = [1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1];
        x = Relu6(ConvolutionAndNorm(x, weights["features.0.0.weight"], weights["features.0.1"], 2, 1, 1));
        List<Grid> maps = [];
        for (int i = 1; i <= 17; i++)
        {
            WeightsMap w = weights[$"features.{i}.conv"];
            Grid before = x;
            Grid y = x;
            int filter = 0;
            if (i > 1)
            {
                y = Relu6(ConvolutionAndNorm(y, w["0.0.weight"], w["0.1"], 1, 0, 1));
                filter = 1;
            }

            y = Relu6(ConvolutionAndNorm(y, w[$"{filter}.0.weight"], w[$"{filter}.1"], strides[i - 1], 1, y.Shape[1]));
            y = ConvolutionAndNorm(y, w[$"{filter + 1}.weight"], w[$"{filter + 2}"], 1, 0, 1);
            x = y.Shape.SequenceEqual(before.Shape) ? Grid.From(y.Shape, (n, c, a, b) => y[n, c, a, b] + before[n, c, a, b]) : y;
            if (i is 6 or 13 or 17)
            {
                maps.Add(x);
            }
        }

        return [.. maps];
    }

    private static Grid ConvolutionAndNorm(Grid x, WeightsMap kernel, WeightsMap norm, int stride, int padding, long groups) =>
        Formulas.BatchNorm(Formulas.Conv2d(x, kernel, null, stride, padding, 1, groups), norm, 1e-5);

    private static Grid Relu(Grid x) => x.Map(value => Math.Max(value, 0));

    private static Grid Relu6(Grid x) => x.Map(value => Math.Clamp(value, 0, 6));
}
