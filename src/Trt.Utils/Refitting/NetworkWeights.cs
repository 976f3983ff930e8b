using Trt.Interop;

namespace Trt.Utils;

/// <summary>The weights that a network's layers hold.</summary>
internal static class NetworkWeights
{
    /// <summary>Weights by layer and role, without empty ones.</summary>
    public static IEnumerable<(string Layer, WeightsRole Role, Weights Weights)> Of(INetworkDefinition network)
    {
        for (int i = 0; i < network.NbLayers; i++)
        {
            ILayer layer = network.GetLayer(i);
            foreach ((WeightsRole role, Weights weights) in OfLayer(layer))
            {
                if (weights.Count > 0 && weights.Values != 0)
                {
                    yield return (layer.Name, role, weights);
                }
            }
        }
    }

    private static (WeightsRole, Weights)[] OfLayer(ILayer layer) => layer switch
    {
        IConvolutionLayer convolution => [(WeightsRole.Kernel, convolution.KernelWeights), (WeightsRole.Bias, convolution.BiasWeights)],
        IDeconvolutionLayer deconvolution => [(WeightsRole.Kernel, deconvolution.KernelWeights), (WeightsRole.Bias, deconvolution.BiasWeights)],
        IFullyConnectedLayer connected => [(WeightsRole.Kernel, connected.KernelWeights), (WeightsRole.Bias, connected.BiasWeights)],
        IScaleLayer scale => [(WeightsRole.Shift, scale.Shift), (WeightsRole.Scale, scale.Scale)],
        IConstantLayer constant => [(WeightsRole.Constant, constant.Weights)],
        _ => [],
    };
}
