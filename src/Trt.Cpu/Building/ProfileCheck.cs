using System.Globalization;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Whether the optimization profiles of a configuration fit a network.</summary>
internal sealed class ProfileCheck(CpuNetwork network, CpuBuilderConfig config, Journal journal)
{
    /// <summary>More elements than this no tensor of TensorRT has.</summary>
    private const long MostElements = 1L << 40;

    /// <summary>Checks every profile, at its usual, greatest and least point.</summary>
    /// <exception cref="Refusal">A profile is missing, incomplete, or impossible at its usual point.</exception>
    public void Check()
    {
        bool[] shapeInputs = network.ShapeInputs();
        for (int i = 0; i < shapeInputs.Length; i++)
        {
            if ((shapeInputs[i] || !network.InputTensors[i].InputDims.IsStatic) && config.Profiles.Count == 0)
            {
                throw Refusal.Api("Network has dynamic or shape inputs, but no optimization profile has been defined.");
            }

            if (network.InputTensors[i].Consumers.Count == 0)
            {
                journal.Warning($"Unused Input: {network.InputTensors[i]}");
            }
        }

        for (int number = 0; number < config.Profiles.Count; number++)
        {
            if (!config.Profiles[number].IsValid)
            {
                throw Refusal.Api($"Optimization profile {number} is invalid: it was changed after it was added.");
            }

            for (int i = 0; i < shapeInputs.Length; i++)
            {
                CheckInput(network.InputTensors[i], config.Profiles[number], number, shapeInputs[i]);
            }

            journal.Verbose(string.Create(CultureInfo.InvariantCulture, $"Checking optimization profile number {number} [{number + 1}/{config.Profiles.Count}]."));
            foreach (OptProfileSelector point in (ReadOnlySpan<OptProfileSelector>)[OptProfileSelector.Opt, OptProfileSelector.Max, OptProfileSelector.Min])
            {
                TryPoint(config.Profiles[number], number, point);
            }
        }
    }

    private void CheckInput(CpuTensor input, CpuOptimizationProfile profile, int number, bool isShapeInput)
    {
        for (OptProfileSelector point = OptProfileSelector.Min; point <= OptProfileSelector.Max; point++)
        {
            Dims dims = profile.GetDimensions(input.Name, point);
            if (dims.NbDims < 0)
            {
                if (!input.InputDims.IsStatic)
                {
                    throw Refusal.Api($"Dynamic-shaped input tensor {input} has no dimensions in profile {number}.");
                }
            }
            else if (dims.NbDims != input.InputDims.NbDims)
            {
                throw Refusal.Api($"Dynamic-shaped input tensor {input} has {input.InputDims.NbDims} dimensions but profile {number} has {dims.NbDims} dimensions.");
            }
            else
            {
                for (int axis = 0; axis < dims.NbDims; axis++)
                {
                    if (input.InputDims[axis] >= 0 && input.InputDims[axis] != dims[axis])
                    {
                        throw Refusal.Api($"Input tensor {input} has the static dimension {input.InputDims[axis]} on axis {axis} but profile {number} says {dims[axis]}.");
                    }
                }
            }

            long[]? values = profile.GetShapeValuesV2(input.Name, point);
            if (isShapeInput && values is null)
            {
                throw Refusal.Api($"Shape input tensor {input} has no shape values in profile {number}.");
            }

            if (!isShapeInput && values is not null && point == OptProfileSelector.Min)
            {
                journal.Warning($"{input}: shape values set for non-shape input in profile {number}.");
            }

            if (isShapeInput && values!.Length != input.InputDims.Volume)
            {
                throw Refusal.Api($"Shape input tensor {input} has {input.InputDims.Volume} elements but profile {number} has {values.Length} values.");
            }
        }
    }

    /// <summary>Whether the shapes of all layers work out at a point of a profile: an error at the usual one, a warning at the others.</summary>
    private void TryPoint(CpuOptimizationProfile profile, int number, OptProfileSelector point)
    {
        ProfilePoint source = new(network.InputTensors, profile, point);
        try
        {
            // Ranges of dimensions with one name need only meet; an engine takes the extents that all of them allow.
            IEnumerable<ShapeRule> named = point == OptProfileSelector.Opt ? network.NamedDimensionRules().Where(rule => !rule.Left.IsConstant && !rule.Right.IsConstant) : [];
            foreach (ShapeRule rule in named.Concat(network.LayerList.SelectMany(layer => layer.AllRules)))
            {
                rule.Check(source);
            }

            foreach (CpuTensor tensor in network.InputTensors.Concat(network.LayerList.SelectMany(layer => layer.Outputs)))
            {
                Int128 volume = 1;
                foreach (DimExpr dim in tensor.Facts!.Dims)
                {
                    volume *= dim.HasUnknown ? 1 : Int128.Clamp(dim.Evaluate(source), 0, MostElements + 1);
                    if (volume > MostElements)
                    {
                        throw Refusal.Shape($"{tensor}: tensor volume exceeds {MostElements}");
                    }

                    if (!dim.HasUnknown && dim.Evaluate(source) < 0)
                    {
                        throw Refusal.Shape($"tensor {tensor} would have a negative extent");
                    }
                }
            }
        }
        catch (Exception error) when (error is Refusal or OverflowException or DivideByZeroException)
        {
            string name = $"k{point.ToString().ToUpperInvariant()}";
            if (point == OptProfileSelector.Opt)
            {
                throw new Refusal(ErrorCode.InvalidConfig, Refusal.InternalError, $"Profile {name} values of profile {number} are not self-consistent. {error.Message}");
            }

            journal.Warning($"Profile {name} values are not self-consistent. {error.Message}");
        }
    }
}
