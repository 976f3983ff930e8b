using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Window functions and the short-time Fourier transform.</summary>
internal static class Signals
{
    public static void Register(ImporterTable table)
    {
        table.Add("HannWindow", Hann);
        table.Add("HammingWindow", node => Cosines(node, 25.0 / 46, 21.0 / 46, 0));
        table.Add("BlackmanWindow", node => Cosines(node, 0.42, 0.5, 0.08));
        table.Add("STFT", ShortTimeFourier);
    }

    /// <summary>sin²(πi / n).</summary>
    private static ITensor Hann(ImportNode node)
    {
        (ITensor places, ITensor length) = Places(node);
        ITensor sine = node.Unary(Angle(node, places, length, Math.PI), UnaryOperation.Sin);
        return OfType(node, node.ElementWise(sine, sine, ElementWiseOperation.Prod));
    }

    /// <summary>first − second * cos(2πi / n) + third * cos(4πi / n).</summary>
    private static ITensor Cosines(ImportNode node, double first, double second, double third)
    {
        (ITensor places, ITensor length) = Places(node);
        ITensor Wave(double turns, double height)
        {
            ITensor cosine = node.Unary(Angle(node, places, length, turns), UnaryOperation.Cos);
            return node.ElementWise(cosine, node.Constant(DataType.Float, new Dims(1), height), ElementWiseOperation.Prod);
        }

        ITensor wave = Wave(2 * Math.PI, -second);
        ITensor? fast = third == 0 ? null : Wave(4 * Math.PI, third);
        ITensor result = node.ElementWise(fast ?? wave, node.Constant(DataType.Float, new Dims(1), first), ElementWiseOperation.Sum);
        return OfType(node, fast is null ? result : node.ElementWise(result, wave, ElementWiseOperation.Sum));
    }

    /// <summary>0, 1, 2 … as floats, and the length of a period.</summary>
    private static (ITensor Places, ITensor Length) Places(ImportNode node)
    {
        ITensor count = node.Scalar(node.Tensor(0));
        ITensor extents = node.Reshape(count, [1]);
        IFillLayer fill = node.Network.AddFill(default, FillOperation.Linspace, DataType.Float);
        fill.SetInput(0, extents);
        fill.Alpha = 0;
        fill.Beta = 1;
        return (node.Out(fill, "ONNXTRT_iota"), count);
    }

    private static ITensor Angle(ImportNode node, ITensor places, ITensor count, double turn)
    {
        ITensor scaled = node.ElementWise(places, node.Constant(DataType.Float, new Dims(1), turn), ElementWiseOperation.Prod);
        if (node.Int("periodic", 1) == 0)
        {
            ITensor one = node.AddCast(node.Constant(DataType.Float, default, 1), count.Type);
            count = node.ElementWise(count, one, ElementWiseOperation.Sub);
        }

        return node.ElementWise(scaled, node.Reshape(node.AddCast(count, DataType.Float), [1]), ElementWiseOperation.Div);
    }

    private static ITensor OfType(ImportNode node, ITensor x)
    {
        DataType type = Conversions.Type(node, node.Int("output_datatype", OnnxTypes.Float));
        return type == DataType.Float ? x
            : Types.IsFloating(type) ? node.AddCast(x, type)
            : throw node.Unsupported($"{node.Operator} makes floating-point numbers only.");
    }

    /// <summary>Two convolutions with steps of the frames: with cosines for the real parts and with sines for the imaginary ones.</summary>
    private static ITensor ShortTimeFourier(ImportNode node)
    {
        ITensor signal = node.Tensor(0);
        int rank = node.Rank(signal);
        signal = rank == 3 ? node.Squeeze(signal, 2) : signal;
        long step = node.IsConstant(1) ? node.Integers(1)[0] : throw node.Unsupported("The frame step of STFT must be an initializer.");
        float[]? window = !node.Has(2) ? null : node.IsConstant(2) ? node.Floats(2) : throw node.Unsupported("The window of STFT must be an initializer.");
        long length = !node.Has(3) ? window?.Length ?? throw node.Invalid("STFT needs a window or a frame length.")
            : node.IsConstant(3) ? node.Integers(3)[0] : throw node.Unsupported("The frame length of STFT must be an initializer.");
        long bins = node.Int("onesided", 1) != 0 ? (length / 2) + 1 : length;
        double[] cosines = new double[bins * length];
        double[] sines = new double[bins * length];
        for (long bin = 0; bin < bins; bin++)
        {
            for (long i = 0; i < length; i++)
            {
                (double sine, double cosine) = Math.SinCos(2 * Math.PI * (bin * i % length) / length);
                double weight = window is null ? 1 : i < window.Length ? window[i] : 0;
                cosines[(bin * length) + i] = cosine * weight;
                sines[(bin * length) + i] = -sine * weight;
            }
        }

        DataType type = signal.Type;
        ITensor line = node.Unsqueeze(signal, 1, 2);
        ITensor Filtered(double[] values)
        {
            Weights weights = ConstantValues.Of(values, [values.Length], type).Weights;
            IConvolutionLayer layer = node.Network.AddConvolutionNd(line, bins, new Dims(1, length), weights, Weights.Empty(type));
            layer.StrideNd = new Dims(1, step);
            return node.Out(layer);
        }

        ITensor real = Filtered(cosines);
        ITensor both = node.Concatenate(2, real, Filtered(sines));
        IShuffleLayer shuffle = node.Network.AddShuffle(both);
        shuffle.FirstTranspose = NodeLayers.Order(0, 3, 1, 2);
        return node.Out(shuffle);
    }
}
