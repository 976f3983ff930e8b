using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>The functions of a recurrent operator's gates, with their parameters.</summary>
internal static class RecurrentActivations
{
    private static readonly Dictionary<string, ActivationType> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Relu"] = ActivationType.Relu,
        ["Tanh"] = ActivationType.Tanh,
        ["Sigmoid"] = ActivationType.Sigmoid,
        ["LeakyRelu"] = ActivationType.LeakyRelu,
        ["ThresholdedRelu"] = ActivationType.ThresholdedRelu,
        ["ScaledTanh"] = ActivationType.ScaledTanh,
        ["HardSigmoid"] = ActivationType.HardSigmoid,
        ["Elu"] = ActivationType.Elu,
        ["Softsign"] = ActivationType.Softsign,
        ["Softplus"] = ActivationType.Softplus,
    };

    /// <summary>Reads a node's activations; those that are not given are the operator's own.</summary>
    /// <remarks>Lists of parameters have an entry for each function that takes one, in the order of the functions.</remarks>
    public static (ActivationType Type, float? Alpha, float? Beta)[] Read(ImportNode node, int directions, ReadOnlySpan<ActivationType> defaults)
    {
        string[]? names = node.Texts("activations");
        int count = defaults.Length;
        if (names is null)
        {
            return [.. defaults.ToArray().Select(type => (type, Default(type, true), Default(type, false)))];
        }

        if (names.Length != count * directions || (directions == 2 && !names[..count].SequenceEqual(names[count..], StringComparer.OrdinalIgnoreCase)))
        {
            throw node.Unsupported($"{node.Operator} needs {count} activations for each direction, the same for both; there are {string.Join(", ", names)}.");
        }

        Queue<float> alphas = new(node.Floats("activation_alpha") ?? []);
        Queue<float> betas = new(node.Floats("activation_beta") ?? []);
        (ActivationType, float?, float?)[] result = new (ActivationType, float?, float?)[count];
        for (int i = 0; i < count; i++)
        {
            if (!Known.TryGetValue(names[i], out ActivationType type))
            {
                throw node.Unsupported($"{node.Operator} cannot use the activation {names[i]}.");
            }

            float? alpha = Default(type, true);
            float? beta = Default(type, false);
            result[i] = (type, alpha is not null && alphas.TryDequeue(out float a) ? a : alpha, beta is not null && betas.TryDequeue(out float b) ? b : beta);
        }

        return result;
    }

    private static float? Default(ActivationType type, bool alpha) => (type, alpha) switch
    {
        (ActivationType.LeakyRelu, true) => 0.01f,
        (ActivationType.HardSigmoid, true) => 0.2f,
        (ActivationType.HardSigmoid, false) => 0.5f,
        (ActivationType.Elu or ActivationType.ThresholdedRelu, true) => 1,
        (ActivationType.ScaledTanh or ActivationType.Softplus, _) => 1,
        _ => null,
    };
}
