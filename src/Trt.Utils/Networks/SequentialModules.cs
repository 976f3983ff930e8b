using Trt.Interop;

namespace Trt.Utils;

/// <summary>torch.nn.Sequential.</summary>
public static class SequentialModules
{
    /// <summary>Modules one after the other, each with the weights of its number: <c>0.weight</c>, <c>1.running_mean</c> ….</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">What the first module takes.</param>
    /// <param name="weights">The weights of all.</param>
    /// <param name="modules">The modules, in PyTorch's order and numbers. A batch normalization right after a convolution is folded into it.</param>
    /// <returns>What the last module gives.</returns>
    /// <inheritdoc cref="ConvolutionModules.Conv2d" path="/exception"/>
    public static ITensor Sequential(this INetworkDefinition network, ITensor input, WeightsMap weights, params ReadOnlySpan<Module> modules)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
        ITensor x = input;
        for (int i = 0; i < modules.Length; i++)
        {
            if (i + 1 < modules.Length && modules[i].DefineWith(modules[i + 1], network, x, weights[i], weights[i + 1]) is { } both)
            {
                x = both;
                i++;
            }
            else
            {
                x = modules[i].Define(network, x, weights[i]);
            }
        }

        return x;
    }
}
