namespace Trt.Utils;

/// <summary>A batch normalization in inference as a factor and a term for each channel: γ / √(σ² + ε) and β − μ γ / √(σ² + ε).</summary>
internal sealed class BatchNormFold
{
    /// <summary>PyTorch's.</summary>
    public const float DefaultEpsilon = 1e-5f;

    private readonly double[] factors;
    private readonly double[] terms;

    public BatchNormFold(WeightsMap batchNorm, float epsilon, long channels)
    {
        float[] mean = Read(batchNorm["running_mean"], channels);
        float[] variance = Read(batchNorm["running_var"], channels);
        float[]? gamma = batchNorm["weight"].IsTensor ? Read(batchNorm["weight"], channels) : null;
        float[]? beta = batchNorm["bias"].Exists ? Read(batchNorm["bias"], channels) : null;
        factors = new double[mean.Length];
        terms = new double[mean.Length];
        for (int i = 0; i < mean.Length; i++)
        {
            factors[i] = (gamma?[i] ?? 1) / Math.Sqrt((double)variance[i] + epsilon);
            terms[i] = (beta?[i] ?? 0) - (mean[i] * factors[i]);
        }
    }

    public float[] Scale() => Array.ConvertAll(factors, factor => (float)factor);

    public float[] Shift() => Array.ConvertAll(terms, term => (float)term);

    /// <summary>A convolution's kernel, [outputs, …], times each output's factor.</summary>
    public float[] Kernel(WeightsMap kernel)
    {
        float[] values = kernel.Tensor.ToFloat32();
        int block = values.Length / Math.Max(factors.Length, 1);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(values[i] * factors[i / block]);
        }

        return values;
    }

    /// <summary>A convolution's bias, or 0 where it has none, after the normalization.</summary>
    public float[] Bias(WeightsMap bias)
    {
        float[]? values = bias.IsTensor ? Read(bias, factors.Length) : null;
        float[] folded = new float[factors.Length];
        for (int i = 0; i < folded.Length; i++)
        {
            folded[i] = (float)(terms[i] + ((values?[i] ?? 0) * factors[i]));
        }

        return folded;
    }

    private static float[] Read(WeightsMap parameter, long channels) => parameter.Expect(channels).Tensor.ToFloat32();
}
