using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A plugin that knows its shapes when it is built: IPluginV2Ext, or IPluginV2IOExt with a type and format for each tensor.</summary>
/// <remarks>With an explicit batch the shapes are whole ones, and the batch size that the plugin is told is 1.</remarks>
internal sealed unsafe class V2StaticPlugin(IPluginV2Ext target, bool owned) : V2Plugin(target, owned)
{
    private const int Batch = 1;

    private readonly IPluginV2Ext plugin = target;
    private readonly IPluginV2IOExt? free = target as IPluginV2IOExt;

    public override string Tag => free is null ? "PluginV2Ext" : "PluginV2IOExt";

    public override DimExpr[][] OutputShapes(DimExpr[][] inputs, DimExpr[][] shapeInputs, ExprBuilder builder)
    {
        if (inputs.Any(dims => dims.Any(dim => !dim.IsConstant)))
        {
            throw Refusal.Api($"{Owner}: PluginV2Layer must be V2DynamicExt when there are runtime input dimensions.");
        }

        const string method = "IPluginV2::getOutputDimensions";
        Dims[] dims = Array.ConvertAll(inputs, Extents.Visible);
        DimExpr[][] outputs = new DimExpr[CountOutputs()][];
        for (int i = 0; i < outputs.Length; i++)
        {
            Dims shape = Ask(method, () => plugin.GetOutputDimensions(i, dims));
            outputs[i] = shape.IsStatic ? Extents.Constants(shape) : throw Failure($"{method} gave {Extents.Text(shape)} for output {i}.", ErrorCode.InvalidArgument);
        }

        return outputs;
    }

    public override bool Supports(int position, DynamicPluginTensorDesc[] tensors, int inputs) => free is not null
        ? Ask("IPluginV2IOExt::supportsFormatCombination", () => free.SupportsFormatCombination(position, Descs(tensors), inputs, tensors.Length - inputs))
        : tensors[position].Desc.Format == tensors[0].Desc.Format
            && Ask("IPluginV2::supportsFormat", () => plugin.SupportsFormat(tensors[position].Desc.Type, tensors[position].Desc.Format));

    public override void Configure(DynamicPluginTensorDesc[] inputs, DynamicPluginTensorDesc[] outputs) => Ask("IPluginV2Ext::configurePlugin", () =>
    {
        if (free is not null)
        {
            free.ConfigurePlugin(Descs(inputs), Descs(outputs));
        }
        else
        {
            plugin.ConfigurePlugin(Array.ConvertAll(inputs, input => input.Desc.Dims), Array.ConvertAll(outputs, output => output.Desc.Dims),
                Array.ConvertAll(inputs, input => input.Desc.Type), Array.ConvertAll(outputs, output => output.Desc.Type),
                new bool[inputs.Length], new bool[outputs.Length], outputs[0].Desc.Format, Batch);
        }

        return 0;
    });

    public override long WorkspaceSize(DynamicPluginTensorDesc[] inputs, DynamicPluginTensorDesc[] outputs) =>
        Ask("IPluginV2::getWorkspaceSize", () => checked((long)plugin.GetWorkspaceSize(Batch)));

    public override void ChangeShapes(PluginTensorDesc[] inputs, PluginTensorDesc[] outputs)
    {
        // They are those of the build.
    }

    public override void Enqueue(PluginTensorDesc* inputDescs, PluginTensorDesc* outputDescs, nint* inputs, nint* outputs, nint workspace)
    {
        int status;
        try
        {
            status = plugin.Enqueue(Batch, new UnsizedArray<nint>(inputs), new UnsizedArray<nint>(outputs), workspace, 0);
        }
        catch (Exception error)
        {
            throw EnqueueThrew(error);
        }

        CheckEnqueued(status);
    }

    private static PluginTensorDesc[] Descs(DynamicPluginTensorDesc[] tensors) => Array.ConvertAll(tensors, tensor => tensor.Desc);
}
