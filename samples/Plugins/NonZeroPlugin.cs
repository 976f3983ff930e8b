using Trt.Interop;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>
/// Where a matrix is not 0: [K, 2] rows and columns in the order of memory, or [2, K], and K itself. Only the run knows K, so the plugin declares it as a size
/// tensor, which only plugins of the third version can.
/// </summary>
/// <param name="byRow">Whether a place's row and column stand next to each other: [K, 2].</param>
/// <param name="device">Where it computes.</param>
internal sealed unsafe class NonZeroPlugin(bool byRow, Device device) : PluginV3
{
    public const string Name = "NonZeroPlugin"; // as in TensorRT's own samples

    private const int Tile = 1024; // as in native/kernels/plugins.cu

    private readonly PluginPlace place = new(device);

    public override string PluginName => Name;

    public override string PluginVersion => "1";

    public override int NbOutputs => 2;

    public override PluginFieldCollection? FieldsToSerialize => new([Fields.From("rowOrder", byRow ? 1 : 0)]);

    public override IPluginV3? Clone() => new NonZeroPlugin(byRow, place.Device);

    public override IPluginV3? AttachToContext(IPluginResourceContext context)
    {
        place.Prepare();
        return Clone();
    }

    public override int GetOutputDataTypes(Span<DataType> outputTypes, ReadOnlySpan<DataType> inputTypes)
    {
        (outputTypes[0], outputTypes[1]) = (DataType.Int32, DataType.Int64);
        return 0;
    }

    public override int GetOutputShapes(ReadOnlySpan<DimsExprs> inputs, ReadOnlySpan<DimsExprs> shapeInputs, Span<DimsExprs> outputs, IExprBuilder exprBuilder)
    {
        if (inputs[0].NbDims != 2)
        {
            return 1;
        }

        // At most all elements; half of them is what memory is tuned for. The count is the size tensor, output 1, a scalar.
        IDimensionExpr most = exprBuilder.Operation(DimensionOperation.Prod, inputs[0][0], inputs[0][1])!;
        IDimensionExpr usual = exprBuilder.Operation(DimensionOperation.CeilDiv, most, exprBuilder.Constant(2)!)!;
        IDimensionExpr count = exprBuilder.DeclareSizeTensor(1, usual, most)!;
        outputs[0] = byRow ? [count, exprBuilder.Constant(2)!] : [exprBuilder.Constant(2)!, count];
        outputs[1] = [];
        return 0;
    }

    public override bool SupportsFormatCombination(int pos, ReadOnlySpan<DynamicPluginTensorDesc> inOut, int nbInputs, int nbOutputs)
    {
        PluginTensorDesc tensor = inOut[pos].Desc;
        return tensor.Format == TensorFormat.Linear && (pos switch
        {
            0 => tensor.Type is DataType.Float or DataType.Half,
            1 => tensor.Type == DataType.Int32,
            _ => tensor.Type == DataType.Int64,
        });
    }

    public override nuint GetWorkspaceSize(ReadOnlySpan<DynamicPluginTensorDesc> inputs, ReadOnlySpan<DynamicPluginTensorDesc> outputs) => sizeof(uint) * (nuint)Tiles(inputs[0].Max.Volume);

    public override int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream)
    {
        PluginTensorDesc from = inputDesc[0];
        long total = from.Dims.Volume;
        int columns = (int)from.Dims[1];
        bool isHalf = from.Type == DataType.Half;
        if (place.IsHost)
        {
            place.RunOnHost(stream, new Work(inputs[0], outputs[0], outputs[1], total, columns, isHalf, byRow));
            return 0;
        }

        PluginKernels kernels = place.Kernels();
        CudaStream queue = place.Stream(stream);
        uint tiles = (uint)Tiles(total);
        Span<byte> room = stackalloc byte[64];
        KernelArguments count = new(room);
        count.Add(inputs[0]);
        count.Add(workspace);
        count.Add(total);
        (isHalf ? kernels.CountHalf : kernels.CountFloat).Launch(queue, tiles, 256, count);

        KernelArguments write = new(room);
        write.Add(inputs[0]);
        write.Add(workspace);
        write.Add(outputs[0]);
        write.Add(outputs[1]);
        write.Add(total);
        write.Add(Math.Max(columns, 1));
        write.Add(byRow ? 1 : 0);
        (isHalf ? kernels.WriteHalf : kernels.WriteFloat).Launch(queue, tiles, Tile, write);
        return 0;
    }

    private static long Tiles(long elements) => Math.Max(1, (elements + Tile - 1) / Tile);

    private readonly struct Work(nint from, nint indices, nint count, long total, int columns, bool isHalf, bool byRow) : IHostWork
    {
        public void Run()
        {
            long found = 0;
            for (long i = 0; i < total; i++)
            {
                found += IsSet(i) ? 1 : 0;
            }

            int* to = (int*)indices;
            long place = 0;
            for (long i = 0; i < total; i++)
            {
                if (IsSet(i))
                {
                    to[byRow ? 2 * place : place] = (int)(i / columns);
                    to[byRow ? (2 * place) + 1 : found + place] = (int)(i % columns);
                    place++;
                }
            }

            *(long*)count = found;
        }

        private bool IsSet(long i) => isHalf ? ((Half*)from)[i] != Half.Zero : ((float*)from)[i] != 0;
    }
}
