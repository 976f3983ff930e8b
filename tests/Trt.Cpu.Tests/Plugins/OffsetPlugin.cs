using Trt.Interop;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>y[2n] = x[n] + offset, twice: a dynamic V2 plugin whose shape is computed.</summary>
internal sealed unsafe class OffsetPlugin : PluginV2DynamicExt
{
    private readonly CallLog log;
    private readonly float offset;
    private bool destroyed;

    public OffsetPlugin(CallLog log, float offset)
    {
        this.log = log;
        this.offset = offset;
        log.Born();
    }

    public override string PluginType => OffsetCreator.Name;

    public override string PluginVersion => "1";

    public override int NbOutputs => 1;

    public override nuint SerializationSize => log.Note("size") ? throw new InvalidOperationException("no size") : (nuint)sizeof(float);

    public override void Serialize(nint buffer)
    {
        log.Note("serialize");
        *(float*)buffer = offset;
    }

    public override IPluginV2? Clone() => log.Note("clone") ? null : new OffsetPlugin(log, offset);

    public override int Initialize() => log.Note("initialize") ? 5 : 0;

    public override void Terminate() => log.Note("terminate");

    public override void Destroy()
    {
        if (destroyed)
        {
            throw new InvalidOperationException("destroyed twice");
        }

        destroyed = true;
        log.Died();
    }

    public override void AttachToContext(nint arg0, nint arg1, IGpuAllocator? arg2)
    {
        log.Note("attach");
        nint memory = arg2!.Allocate(100, 64, 0);
        new Span<byte>((void*)memory, 100).Fill(1);
        arg2.Deallocate(memory);
    }

    public override void DetachFromContext() => log.Note("detach");

    public override DataType GetOutputDataType(int index, ReadOnlySpan<DataType> inputTypes) => inputTypes[0];

    public override DimsExprs GetOutputDimensions(int outputIndex, ReadOnlySpan<DimsExprs> inputs, IExprBuilder exprBuilder)
    {
        log.Note("dimensions");
        return [exprBuilder.Operation(DimensionOperation.Prod, inputs[0][0], exprBuilder.Constant(2)!)!];
    }

    public override bool SupportsFormatCombination(int pos, ReadOnlySpan<PluginTensorDesc> inOut, int nbInputs, int nbOutputs) =>
        !log.Note("supports") && inOut[pos].Type == DataType.Float && inOut[pos].Format == TensorFormat.Linear;

    public override void ConfigurePlugin(ReadOnlySpan<DynamicPluginTensorDesc> @in, ReadOnlySpan<DynamicPluginTensorDesc> @out) =>
        log.Note($"configure {@in[0].Desc.Dims} {@in[0].Min} {@in[0].Max} -> {@out[0].Desc.Dims} {@out[0].Max}");

    public override nuint GetWorkspaceSize(ReadOnlySpan<PluginTensorDesc> inputs, ReadOnlySpan<PluginTensorDesc> outputs)
    {
        log.Note($"workspace {inputs[0].Dims}");
        return (nuint)(inputs[0].Dims.Volume * sizeof(float));
    }

    public override int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream)
    {
        if (log.Note("enqueue"))
        {
            return 5;
        }

        int count = (int)inputDesc[0].Dims[0];
        if (outputDesc[0].Dims[0] != 2 * count)
        {
            return 6;
        }

        Span<float> sums = new((void*)workspace, count);
        for (int i = 0; i < count; i++)
        {
            sums[i] = ((float*)inputs[0])[i] + offset;
        }

        sums.CopyTo(new Span<float>((void*)outputs[0], count));
        sums.CopyTo(new Span<float>((float*)outputs[0] + count, count));
        return 0;
    }
}
