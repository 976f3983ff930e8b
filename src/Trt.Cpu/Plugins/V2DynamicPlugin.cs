using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A plugin of the second version whose shapes a run decides.</summary>
internal sealed unsafe class V2DynamicPlugin(IPluginV2DynamicExt target, bool owned) : V2Plugin(target, owned)
{
    private readonly IPluginV2DynamicExt plugin = target;

    public override string Tag => "PluginV2DynamicExt";

    public override DimExpr[][] OutputShapes(DimExpr[][] inputs, DimExpr[][] shapeInputs, ExprBuilder builder)
    {
        const string method = "IPluginV2DynamicExt::getOutputDimensions";
        DimExpr[][] outputs = new DimExpr[CountOutputs()][];
        for (int i = 0; i < outputs.Length; i++)
        {
            DimsExprs shape = Ask(method, () => plugin.GetOutputDimensions(i, Array.ConvertAll(inputs, ExprBuilder.Wrap), builder));
            outputs[i] = Unwrap(shape, method);
        }

        return builder.SizeTensors.Count == 0 ? outputs
            : throw Failure($"{method} declared a size tensor, which only IPluginV3 can.", ErrorCode.InvalidArgument);
    }

    public override bool Supports(int position, DynamicPluginTensorDesc[] tensors, int inputs) => Ask("IPluginV2DynamicExt::supportsFormatCombination",
        () => plugin.SupportsFormatCombination(position, Array.ConvertAll(tensors, tensor => tensor.Desc), inputs, tensors.Length - inputs));

    public override void Configure(DynamicPluginTensorDesc[] inputs, DynamicPluginTensorDesc[] outputs) => Ask("IPluginV2DynamicExt::configurePlugin", () =>
    {
        plugin.ConfigurePlugin(inputs, outputs);
        return 0;
    });

    public override long WorkspaceSize(DynamicPluginTensorDesc[] inputs, DynamicPluginTensorDesc[] outputs) => Ask("IPluginV2DynamicExt::getWorkspaceSize",
        () => checked((long)plugin.GetWorkspaceSize(Array.ConvertAll(inputs, Largest), Array.ConvertAll(outputs, Largest))));

    public override void ChangeShapes(PluginTensorDesc[] inputs, PluginTensorDesc[] outputs) => Configure(Array.ConvertAll(inputs, Exact), Array.ConvertAll(outputs, Exact));

    public override void Enqueue(PluginTensorDesc* inputDescs, PluginTensorDesc* outputDescs, nint* inputs, nint* outputs, nint workspace)
    {
        int status;
        try
        {
            status = plugin.Enqueue(new UnsizedArray<PluginTensorDesc>(inputDescs), new UnsizedArray<PluginTensorDesc>(outputDescs),
                new UnsizedArray<nint>(inputs), new UnsizedArray<nint>(outputs), workspace, 0);
        }
        catch (Exception error)
        {
            throw EnqueueThrew(error);
        }

        CheckEnqueued(status);
    }

    private static PluginTensorDesc Largest(DynamicPluginTensorDesc tensor) => tensor.Desc with { Dims = tensor.Max };

    private static DynamicPluginTensorDesc Exact(PluginTensorDesc tensor) => new() { Desc = tensor, Min = tensor.Dims, Max = tensor.Dims, Opt = tensor.Dims };
}
