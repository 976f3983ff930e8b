using Trt.Cpu.Layers;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>What a build asks a plugin: formats, configuration for each profile, workspace, tactics, and what the plan keeps of it.</summary>
internal sealed class PluginBuild(PluginLayer layer, CpuBuilderConfig config)
{
    private readonly DataType[] types = [.. layer.Outputs.Select(output => output.InferredType)];
    private PluginShapes shapes = null!;

    private int Inputs => layer.DataInputs;

    /// <summary>Builds the plugin under the name of an operator.</summary>
    /// <param name="kernel">The operator.</param>
    /// <param name="kept">Where the configured plugin goes when it is to compute yet; null to let go of it.</param>
    /// <exception cref="Refusal">The plugin failed, or supports no formats that fit.</exception>
    public PlanPlugin Run(string kernel, List<(PlanPlugin Plan, Plugin Plugin)>? kept)
    {
        Plugin plugin = layer.Held.Clone();
        bool keeps = false;
        try
        {
            PlanPlugin plan = Run(plugin, kernel);
            kept?.Add((plan, plugin));
            keeps = kept is not null;
            return plan;
        }
        finally
        {
            if (!keeps)
            {
                plugin.Dispose();
            }
        }
    }

    private PlanPlugin Run(Plugin plugin, string kernel)
    {
        shapes = PluginShapes.Ask(plugin, [.. DimsOf()], [.. ValuesOf()], types);
        DynamicPluginTensorDesc[][] profiles = [.. Points().Select(Describe)];
        DynamicPluginTensorDesc[] chosen = profiles[0];
        if (!Search(plugin, chosen, 0))
        {
            throw new Refusal(ErrorCode.InvalidState, Refusal.InternalError,
                $"{layer.Label}: could not find any supported formats consistent with input/output data types. Plugin {plugin.Identity} takes none of those that were offered.");
        }

        _ = plugin.FormatCombinationLimit;
        long workspace = 0;
        foreach (DynamicPluginTensorDesc[] tensors in profiles)
        {
            for (int i = 0; i < tensors.Length; i++)
            {
                tensors[i].Desc.Type = chosen[i].Desc.Type;
                tensors[i].Desc.Format = chosen[i].Desc.Format;
                tensors[i].Desc.Scale = chosen[i].Desc.Scale;
            }

            plugin.Configure(tensors[..Inputs], tensors[Inputs..]);
            workspace = Math.Max(workspace, plugin.WorkspaceSize(tensors[..Inputs], tensors[Inputs..]));
        }

        int tactic = PluginTactics.Choose(plugin, profiles[^1], Inputs, workspace, config);
        PlanPluginTensor[] outputs = [.. chosen[Inputs..].Select((tensor, i) => Output(plugin, tensor, i))];
        if (outputs.Select(output => output.AliasOf).Where(input => input >= 0).GroupBy(input => input).FirstOrDefault(uses => uses.Count() > 1) is { } twice)
        {
            throw plugin.Failure($"input {twice.Key} is aliased by more than one output.", ErrorCode.InvalidArgument);
        }

        (IReadOnlyList<PlanPluginField> fields, byte[] data) = plugin.Serialize();
        return new PlanPlugin
        {
            Kernel = kernel,
            Layer = layer.Label,
            Family = plugin.Family,
            Identity = plugin.Identity,
            Fields = fields,
            Data = data,
            Inputs = [.. chosen[..Inputs].Select(tensor => new PlanPluginTensor { Type = tensor.Desc.Type, Format = tensor.Desc.Format, Scale = tensor.Desc.Scale })],
            Outputs = outputs,
            ShapeInputs = [.. layer.Inputs.Skip(Inputs).Select(_ => DataType.Int64)],
            Workspace = workspace,
            Tactic = tactic,
        };
    }

    private IEnumerable<DimExpr[]> DimsOf() => layer.Inputs.Take(Inputs).Select(input => input!.Facts!.Dims);

    private IEnumerable<DimExpr[]> ValuesOf() => layer.Inputs.Skip(Inputs).Select(input => input!.Facts!.Values!);

    private PlanPluginTensor Output(Plugin plugin, DynamicPluginTensorDesc tensor, int output)
    {
        int alias = config.GetPreviewFeature(PreviewFeature.AliasedPluginIO1003) ? plugin.AliasedInput(output) : -1;
        if (alias >= Inputs || alias < -1)
        {
            throw plugin.Failure($"output {output} is aliased to input {alias}, but the plugin has {Inputs} inputs.", ErrorCode.InvalidArgument);
        }

        if (alias >= 0 && (!shapes.Outputs[output].SequenceEqual(InputDims(alias)) || layer.Inputs[alias]!.InferredType != types[output]))
        {
            throw plugin.Failure($"output {output} is aliased to input {alias}, whose shape or type is another.", ErrorCode.InvalidArgument);
        }

        return new PlanPluginTensor
        {
            Type = tensor.Desc.Type,
            Format = tensor.Desc.Format,
            Scale = tensor.Desc.Scale,
            Extents = Array.ConvertAll(shapes.Outputs[output], dim => dim.ToString()),
            Upper = shapes.SizeTensors.TryGetValue(output, out (DimExpr Opt, DimExpr Upper) size) ? size.Upper.ToString() : null,
            AliasOf = alias,
        };
    }

    private IEnumerable<DimExpr> InputDims(int input) => layer.Inputs[input]!.Facts!.Dims.Select((dim, axis) => dim.IsConstant ? dim : DimExpr.Extent(input, axis));

    /// <summary>Least, usual and greatest inputs of each profile; one of fixed shapes where there is no profile.</summary>
    private IEnumerable<IDimSource[]> Points()
    {
        CpuNetwork network = layer.Network;
        return config.Profiles.Count == 0
            ? [[new StaticInputs(network), new StaticInputs(network), new StaticInputs(network)]]
            : config.Profiles.Select(profile => ((OptProfileSelector[])[OptProfileSelector.Min, OptProfileSelector.Opt, OptProfileSelector.Max])
                .Select(point => (IDimSource)new ProfilePoint(network.InputTensors, profile, point)).ToArray());
    }

    private DynamicPluginTensorDesc[] Describe(IDimSource[] points)
    {
        PluginSource[] at = [.. points.Select((source, point) => Source(source, (OptProfileSelector)point))];
        DynamicPluginTensorDesc[] tensors = new DynamicPluginTensorDesc[Inputs + types.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            CpuTensor tensor = i < Inputs ? layer.Inputs[i]! : layer.Outputs[i - Inputs];
            tensors[i] = new DynamicPluginTensorDesc
            {
                Desc = new PluginTensorDesc
                {
                    Dims = Extents.Visible(tensor.Facts!.Dims),
                    Type = tensor.InferredType,
                    Scale = tensor.DynamicRangeMax is > 0 and float max ? max / 127 : 1,
                },
                Min = Shape(i, at[0]),
                Opt = Shape(i, at[1]),
                Max = Shape(i, at[2]),
            };
        }

        return tensors;
    }

    private Dims Shape(int tensor, PluginSource source) => tensor < Inputs ? source.Dims[tensor] : source.Shape(shapes.Outputs[tensor - Inputs]);

    private PluginSource Source(IDimSource point, OptProfileSelector selector)
    {
        PluginSource source = new(Inputs, layer.Inputs.Count - Inputs, types.Length);
        int input = 0;
        foreach (DimExpr[] dims in DimsOf())
        {
            source.Dims[input++] = new Dims(Array.ConvertAll(dims, dim => Extent(dim, point, selector)));
        }

        input = 0;
        foreach (DimExpr[] values in ValuesOf())
        {
            source.Values[input++] = Array.ConvertAll(values, value => value.Evaluate(point));
        }

        foreach ((int output, (DimExpr opt, DimExpr upper)) in shapes.SizeTensors)
        {
            source.Sizes[output] = selector == OptProfileSelector.Min ? 0 : (selector == OptProfileSelector.Opt ? opt : upper).Evaluate(source);
        }

        return source;
    }

    private long Extent(DimExpr dim, IDimSource point, OptProfileSelector selector)
    {
        if (!dim.HasUnknown)
        {
            return dim.Evaluate(point);
        }

        (long low, long high) = dim.Bounds(point)
            ?? throw Refusal.Api($"{layer.Label}: an input has an extent without a limit that only the run knows; a plugin needs one with a limit.");
        return selector == OptProfileSelector.Min ? low : high;
    }

    /// <summary>Finds types and formats that suit the plugin, tensor by tensor; linear ones first.</summary>
    private bool Search(Plugin plugin, DynamicPluginTensorDesc[] tensors, int position)
    {
        if (position == tensors.Length)
        {
            return true;
        }

        DataType own = position < Inputs ? layer.Inputs[position]!.InferredType : types[position - Inputs];
        foreach (TensorFormat format in PluginFormats.InOrder)
        {
            foreach (DataType type in TypesFor(own))
            {
                if (!PluginFormats.Holds(format, type, tensors[position].Desc.Dims.NbDims))
                {
                    continue;
                }

                tensors[position].Desc.Type = type;
                tensors[position].Desc.Format = format;
                if (plugin.Supports(position, tensors, Inputs) && Search(plugin, tensors, position + 1))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Types that a plugin may have for a tensor: the tensor's own, and in weakly typed networks the floats that the build allows.</summary>
    private IEnumerable<DataType> TypesFor(DataType own)
    {
        yield return own;
        if (layer.Network.IsStronglyTyped || !Types.IsFloating(own))
        {
            yield break;
        }

        foreach (DataType other in Types.Floating)
        {
            bool allowed = other switch
            {
                DataType.Half => config.GetFlag(BuilderFlag.FP16),
                DataType.BF16 => config.GetFlag(BuilderFlag.BF16),
                _ => true,
            };
            if (other != own && allowed)
            {
                yield return other;
            }
        }
    }

    private sealed class StaticInputs(CpuNetwork network) : IDimSource
    {
        public long Extent(int input, int axis) => network.InputTensors[input].InputDims[axis];

        public long Value(int input, int element) => throw new InvalidOperationException($"Input {network.InputTensors[input]} decides shapes, so the build needs a profile.");
    }
}
