using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>A layer whose computation is a plugin: the network's own clone of what the user gave.</summary>
internal abstract class PluginLayer : CpuLayer
{
    private readonly Plugin plugin;
    private readonly int shapeInputs;
    private DataType[] typesOfInputs;
    private DataType[] types;
    private Refusal? typeFailure;

    protected PluginLayer(CpuNetwork network, Plugin plugin, DataType[] types, CpuTensor[] inputs, CpuTensor[] shapeInputs)
        : base(network, types.Length, [.. inputs, .. shapeInputs])
    {
        this.plugin = plugin;
        this.types = types;
        this.shapeInputs = shapeInputs.Length;
        typesOfInputs = Array.ConvertAll(inputs, input => input.InferredType);
    }

    /// <summary>The plugin, which lives as long as the network.</summary>
    public Plugin Held
    {
        get
        {
            plugin.Owner = Label;
            return plugin;
        }
    }

    /// <summary>How many inputs the plugin computes with; the others decide shapes.</summary>
    public int DataInputs => Inputs.Count - shapeInputs;

    protected override string Interface => $"I{Type}Layer";

    public override bool ReadsValues(int input) => input >= DataInputs;

    public override void Infer(Inference context)
    {
        _ = OutputType(0);
        if (typeFailure is not null)
        {
            throw typeFailure;
        }

        DimExpr[][] dims = [.. Enumerable.Range(0, DataInputs).Select(context.Dims)];
        DimExpr[][] values = [.. Enumerable.Range(DataInputs, shapeInputs).Select(input => Types.IsInteger(context.Type(input)) && context.Values(input) is { } known ? known
            : throw context.Refuse($"shape input {input} must be a shape tensor of type Int32 or Int64.", ErrorCode.InvalidArgument))];
        ExprBuilder builder = new(PluginShapes.SizeTensor);
        DimExpr[][] shapes = Held.OutputShapes(dims, values, builder);
        PluginShapes.Check(Held, shapes, builder, types);
        Dictionary<DimExpr, DimExpr> unknown = [];
        for (int i = 0; i < shapes.Length; i++)
        {
            DimExpr[] shape = shapes[i];
            for (int axis = 0; axis < shape.Length; axis++)
            {
                if (!PluginShapes.DependsOnData(shape[axis]))
                {
                    continue;
                }

                if (!unknown.TryGetValue(shape[axis], out DimExpr? known))
                {
                    known = context.Unknown(i, axis, PluginShapes.Bound(shape[axis], builder.SizeTensors));
                    unknown.Add(shape[axis], known);
                }

                shape[axis] = known;
            }

            context.Set(i, shape);
        }
    }

    public override void Lower(Lowering graph)
    {
        PlanPlugin plan = new PluginBuild(this, graph.Config).Run(graph.NextKernel, graph.KeptPlugins);
        OnnxValue[] operands = new OnnxValue[Inputs.Count];
        for (int i = 0; i < operands.Length; i++)
        {
            operands[i] = graph.Cast(graph.Input(i), i < DataInputs ? plan.Inputs[i].Type : DataType.Int64);
        }

        OnnxValue[] results = graph.Kernel(plan, operands);
        for (int i = 0; i < results.Length; i++)
        {
            graph.Set(i, results[i]);
        }
    }

    protected override DataType OutputType(int output)
    {
        DataType[] now = [.. Enumerable.Range(0, DataInputs).Select(input => InputAt(input)?.InferredType ?? DataType.Float)];
        if (typeFailure is not null || !now.AsSpan().SequenceEqual(typesOfInputs))
        {
            try
            {
                typeFailure = null;
                types = CheckedTypes(Held, now);
                typesOfInputs = now;
            }
            catch (Refusal refusal)
            {
                typeFailure = refusal;
            }
        }

        return types[output];
    }

    /// <summary>The types that a plugin gives its outputs.</summary>
    protected static DataType[] CheckedTypes(Plugin plugin, DataType[] inputs)
    {
        DataType[] types = plugin.OutputTypes(inputs);
        if (types.Length == 0)
        {
            throw plugin.Failure("the plugin has no outputs; it must have at least one.", ErrorCode.InvalidArgument);
        }

        foreach (DataType type in types)
        {
            if (!Types.IsSupported(type) || type is DataType.Bool or DataType.UInt8)
            {
                throw plugin.Failure($"an output cannot have type {Types.Name(type)}.", ErrorCode.InvalidArgument);
            }
        }

        return types;
    }

    /// <summary>Clones the user's plugin for the network, with the refusal of the method that adds it.</summary>
    protected static (Plugin Clone, DataType[] Types) Take(CpuNetwork network, Plugin given, CpuTensor[] inputs, string method)
    {
        try
        {
            DataType[] types = CheckedTypes(given, Array.ConvertAll(inputs, input => network.TypeOf(input, "ITensor::getType")));
            Plugin clone = given.Clone();
            try
            {
                _ = clone.Identity;
                return (clone, types);
            }
            catch
            {
                clone.Dispose();
                throw;
            }
        }
        catch (Refusal refusal)
        {
            throw network.Journal.Failure($"INetworkDefinition::{method}", refusal);
        }
    }

    /// <summary>A name for messages before the layer has its own.</summary>
    protected static string NameOf(CpuNetwork network, string tag) => $"(Unnamed Layer* {network.LayerList.Count}) [{tag}]";

    protected static CpuTensor[] Owned(CpuNetwork network, ReadOnlySpan<ITensor> tensors)
    {
        CpuTensor[] own = new CpuTensor[tensors.Length];
        for (int i = 0; i < own.Length; i++)
        {
            own[i] = network.Own(tensors[i]);
        }

        return own;
    }
}
