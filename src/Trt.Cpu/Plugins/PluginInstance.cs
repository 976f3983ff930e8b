using System.Runtime.InteropServices;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A context's copy of a plugin with the memory it works in. One run at a time.</summary>
internal sealed unsafe class PluginInstance : IDisposable
{
    private readonly PlanPlugin plan;
    private readonly Plugin plugin;
    private readonly PluginSource source;
    private readonly DimExpr[][] extents;
    private readonly DimExpr?[] uppers;
    private readonly bool[] dependsOnData;
    private readonly Dims[] greatest;
    private readonly NativeBlob?[] scratch;
    private readonly NativeBlob workspace;
    private readonly NativeBlob nowhere = new(NativeBlob.Alignment);
    private readonly PluginTensorDesc* descs;
    private readonly nint* addresses;
    private bool started;

    public PluginInstance(PlanPlugin plan, Plugin plugin)
    {
        this.plan = plan;
        this.plugin = plugin;
        int known = plan.Inputs.Count + plan.ShapeInputs.Count;
        source = new PluginSource(plan.Inputs.Count, plan.ShapeInputs.Count, plan.Outputs.Count);
        Array.Fill(source.Values, []);
        extents = [.. plan.Outputs.Select(output => Array.ConvertAll(output.Extents, text => DimExprText.Parse(text, PluginShapes.FirstSizeTensor + plan.Outputs.Count)))];
        uppers = [.. plan.Outputs.Select(output => output.Upper is { } text ? DimExprText.Parse(text, known) : null)];
        dependsOnData = Array.ConvertAll(extents, shape => shape.Any(PluginShapes.DependsOnData));
        greatest = new Dims[plan.Outputs.Count];
        int tensors = plan.Inputs.Count + plan.Outputs.Count;
        scratch = new NativeBlob?[tensors];
        workspace = new NativeBlob(plan.Workspace);
        descs = (PluginTensorDesc*)NativeMemory.AllocZeroed((nuint)tensors, (nuint)sizeof(PluginTensorDesc));
        addresses = (nint*)NativeMemory.AllocZeroed((nuint)tensors, (nuint)sizeof(nint));
        for (int i = 0; i < tensors; i++)
        {
            PlanPluginTensor tensor = Tensor(i);
            descs[i] = new PluginTensorDesc { Type = tensor.Type, Format = tensor.Format, Scale = tensor.Scale };
        }
    }

    private int Inputs => plan.Inputs.Count;

    /// <summary>Gives the plugin the tactic that the build chose.</summary>
    public void Start() => plugin.SetTactic(plan.Tactic);

    /// <summary>Computes the node.</summary>
    /// <exception cref="Refusal">The plugin failed.</exception>
    public void Run(in OrtKernelCall call)
    {
        bool changed = TakeInputs(call) | TakeValues(call);
        if (changed || !started)
        {
            started = false;
            ChangeShapes();
            started = true;
        }

        for (int i = 0; i < plan.Outputs.Count; i++)
        {
            MakeOutput(call, i);
        }

        plugin.Enqueue(descs, descs + Inputs, addresses, addresses + Inputs, plan.Workspace == 0 ? 0 : workspace.Address);
        ReadSizes();
        for (int i = 0; i < plan.Outputs.Count; i++)
        {
            FinishOutput(call, i);
        }
    }

    public void Dispose()
    {
        plugin.Dispose();
        foreach (NativeBlob? blob in scratch)
        {
            blob?.Dispose();
        }

        workspace.Dispose();
        nowhere.Dispose();
        NativeMemory.Free(descs);
        NativeMemory.Free(addresses);
    }

    private PlanPluginTensor Tensor(int index) => index < Inputs ? plan.Inputs[index] : plan.Outputs[index - Inputs];

    private bool TakeInputs(in OrtKernelCall call)
    {
        bool changed = false;
        Span<long> room = stackalloc long[Dims.MaxDims];
        for (int i = 0; i < Inputs; i++)
        {
            nint address = call.Input(i, room, out Span<long> shape);
            Dims dims = new(shape);
            changed |= source.Dims[i] != dims;
            source.Dims[i] = dims;
            descs[i].Dims = dims;
            if (plan.Inputs[i].Format != TensorFormat.Linear)
            {
                nint packed = Scratch(i, dims);
                PluginFormats.Pack(plan.Inputs[i].Format, plan.Inputs[i].Type, dims, address, packed);
                address = packed;
            }

            addresses[i] = address == 0 ? nowhere.Address : address;
        }

        return changed;
    }

    private bool TakeValues(in OrtKernelCall call)
    {
        bool changed = false;
        Span<long> room = stackalloc long[Dims.MaxDims];
        for (int i = 0; i < plan.ShapeInputs.Count; i++)
        {
            long* values = (long*)call.Input(Inputs + i, room, out Span<long> shape);
            ReadOnlySpan<long> now = new(values, (int)new Dims(shape).Volume);
            if (!now.SequenceEqual(source.Values[i]))
            {
                source.Values[i] = now.ToArray();
                changed = true;
            }
        }

        return changed;
    }

    /// <summary>Works out the outputs' shapes and tells the plugin; what only its computation decides shows as −1.</summary>
    private void ChangeShapes()
    {
        for (int i = 0; i < uppers.Length; i++)
        {
            source.Sizes[i] = 0;
        }

        Dims[] least = Array.ConvertAll(extents, source.Shape);
        for (int i = 0; i < uppers.Length; i++)
        {
            source.Sizes[i] = uppers[i]?.Evaluate(source) ?? 0;
        }

        for (int i = 0; i < extents.Length; i++)
        {
            Dims dims = source.Shape(extents[i]);
            Dims shown = dims;
            for (int axis = 0; axis < dims.NbDims; axis++)
            {
                dims[axis] = Math.Max(dims[axis], least[i][axis]);
                shown[axis] = PluginShapes.DependsOnData(extents[i][axis]) ? -1 : dims[axis];
                if (dims[axis] < 0)
                {
                    throw plugin.Failure($"output {i} would have the negative extent {dims[axis]} on axis {axis}.", ErrorCode.InvalidArgument);
                }
            }

            greatest[i] = dims;
            descs[Inputs + i].Dims = shown;
        }

        plugin.ChangeShapes(new Span<PluginTensorDesc>(descs, Inputs).ToArray(), new Span<PluginTensorDesc>(descs + Inputs, plan.Outputs.Count).ToArray());
    }

    private void MakeOutput(in OrtKernelCall call, int output)
    {
        PlanPluginTensor tensor = plan.Outputs[output];
        bool inPlace = tensor.Format == TensorFormat.Linear && !dependsOnData[output];
        nint address = inPlace ? call.Output(output, greatest[output].AsSpan()) : Scratch(Inputs + output, greatest[output]);
        address = address == 0 ? nowhere.Address : address;
        if (tensor.AliasOf >= 0)
        {
            // The graph's inputs may have other readers: the plugin overwrites a copy.
            long bytes = PluginFormats.BytesOf(tensor.Format, tensor.Type, greatest[output]);
            Buffer.MemoryCopy((void*)addresses[tensor.AliasOf], (void*)address, bytes, bytes);
            addresses[tensor.AliasOf] = address;
        }

        addresses[Inputs + output] = address;
    }

    private void ReadSizes()
    {
        for (int i = 0; i < uppers.Length; i++)
        {
            if (uppers[i] is null)
            {
                continue;
            }

            nint address = addresses[Inputs + i];
            long size = plan.Outputs[i].Type == DataType.Int64 ? *(long*)address : *(int*)address;
            long upper = uppers[i]!.Evaluate(source);
            source.Sizes[i] = size >= 0 && size <= upper ? size
                : throw plugin.Failure($"size tensor {i} says {size}, but its limit is {upper}.", ErrorCode.InvalidArgument);
        }
    }

    private void FinishOutput(in OrtKernelCall call, int output)
    {
        PlanPluginTensor tensor = plan.Outputs[output];
        if (tensor.Format == TensorFormat.Linear && !dependsOnData[output])
        {
            return;
        }

        Dims dims = dependsOnData[output] ? source.Shape(extents[output]) : greatest[output];
        nint result = call.Output(output, dims.AsSpan());
        if (tensor.Format == TensorFormat.Linear)
        {
            long bytes = Types.Bytes(tensor.Type, dims.Volume);
            Buffer.MemoryCopy((void*)addresses[Inputs + output], (void*)result, bytes, bytes);
        }
        else
        {
            PluginFormats.Unpack(tensor.Format, tensor.Type, dims, addresses[Inputs + output], result);
        }
    }

    /// <summary>Memory for a tensor that is not the graph's.</summary>
    private nint Scratch(int index, Dims dims)
    {
        long bytes = PluginFormats.BytesOf(Tensor(index).Format, Tensor(index).Type, dims);
        if (scratch[index] is not { } blob || blob.Length < bytes)
        {
            scratch[index]?.Dispose();
            blob = scratch[index] = new NativeBlob(bytes);
        }

        return blob.Address;
    }
}
