using Trt.Interop;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing;

/// <content>Small parts that many operators need.</content>
internal sealed partial class ImportNode
{
    /// <summary>Gives a layer the node's name; further ones of the node get a number.</summary>
    public T Named<T>(T layer)
        where T : ILayer
    {
        layer.Name = Model.Names.Layer(Name);
        layer.Metadata = $"[ONNX Layer: {Name}]";
        return layer;
    }

    /// <summary>Gives a layer that the node has no word for a name such as <c>ONNXTRT_Broadcast</c>; further ones get a number.</summary>
    public T Helper<T>(T layer, string name)
        where T : ILayer
    {
        layer.Name = Model.Names.Layer(name);
        return layer;
    }

    /// <summary>The layer's outputs, named like the node.</summary>
    public ImportedValue?[] Results(ILayer layer)
    {
        Named(layer);
        return Array.ConvertAll(Enumerable.Range(0, layer.NbOutputs).ToArray(), i => (ImportedValue?)new ImportedValue(layer.GetOutput(i)));
    }

    public static ImportedValue?[] Result(ITensor tensor) => [new ImportedValue(tensor)];

    public static ImportedValue?[] Result(ConstantValues constant) => [new ImportedValue(constant)];

    /// <summary>An axis from 0, of one that may count from the end.</summary>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw new ImportRefusal(ParseCode.UnsupportedNode, $"Axis must be in the range [{-rank}, {rank}) of a tensor with {rank} dimensions. Provided axis is: {axis}.", func: "convertAxis");

    /// <summary>The bits of axes.</summary>
    public uint Axes(IEnumerable<long> axes, int rank) => axes.Aggregate(0u, (mask, axis) => mask | (1u << Axis(axis, rank)));

    /// <summary>A constant as a tensor.</summary>
    public ITensor Tensor(ConstantValues constant)
    {
        if (constant.Tensor is null && !constant.IsOfModel)
        {
            // NVIDIA's parser names the values as well as the layer, which counts the numbers of later names up.
            Model.Names.Tensor(constant.Name);
        }

        return Model.TensorOf(new ImportedValue(constant));
    }

    /// <summary>A vector of integers as a tensor.</summary>
    public ITensor Int64s(params long[] values) => Tensor(ConstantValues.Of(values));

    /// <summary>A single integer without dimensions as a tensor.</summary>
    public ITensor Int64(long value) => Tensor(ConstantValues.Of([value], []));

    /// <summary>One number in the type of another tensor, with as many dimensions of extent 1.</summary>
    public ITensor Filled(double value, DataType type, int rank)
    {
        long[] dims = new long[rank];
        Array.Fill(dims, 1);
        return Tensor(ConstantValues.Of([value], dims, type));
    }

    /// <summary>The tensor with extents 1 put before its own until it has <paramref name="rank"/> dimensions.</summary>
    public ITensor WithRank(ITensor tensor, int rank)
    {
        Dims dims = tensor.Dimensions;
        int missing = rank - dims.NbDims;
        if (missing <= 0 || dims.NbDims < 0)
        {
            return tensor;
        }

        IShuffleLayer shuffle = Helper(Network.AddShuffle(tensor), "ONNXTRT_Broadcast");
        if (dims.ToArray().Count(dim => dim < 0) <= 1)
        {
            shuffle.ReshapeDimensions = Interop.Dims.Create([.. Enumerable.Repeat(1L, missing), .. dims]);
        }
        else
        {
            // A reshape can leave one extent open only: the others come from the tensor's shape.
            long[] ones = new long[missing];
            Array.Fill(ones, 1);
            shuffle.SetInput(1, Concat(Int64s(ones), ShapeOf(tensor)));
        }

        return shuffle.GetOutput(0);
    }

    /// <summary>A tensor with one element as one without dimensions.</summary>
    public ITensor Scalar(ITensor tensor) => tensor.Dimensions.NbDims == 0 ? tensor : Reshape(tensor, [], "ONNXTRT_squeezeTensor");

    /// <summary>Gives tensors the rank of the one with most dimensions.</summary>
    public void Broadcast(ref ITensor first, ref ITensor second)
    {
        int rank = Math.Max(first.Dimensions.NbDims, second.Dimensions.NbDims);
        first = WithRank(first, rank);
        second = WithRank(second, rank);
    }

    /// <summary>The tensor in another type; itself when it has that type.</summary>
    public ITensor Cast(ITensor tensor, DataType type) =>
        tensor.Type == type ? tensor : Helper(Network.AddCast(tensor, type), "ONNXTRT_castHelper").GetOutput(0);

    /// <summary>The extents of a tensor as a vector of int64.</summary>
    public ITensor ShapeOf(ITensor tensor)
    {
        Dims dims = tensor.Dimensions;
        return dims.IsStatic
            ? Int64s(dims.ToArray())
            : Cast(Helper(Network.AddShape(tensor), "ONNXTRT_ShapeTensor").GetOutput(0), DataType.Int64);
    }

    /// <summary>Elements of a vector by their places, as a vector.</summary>
    public ITensor Elements(ITensor vector, params long[] places) =>
        Helper(Network.AddGather(vector, Int64s(places), 0), "ONNXTRT_ShapeGather").GetOutput(0);

    /// <summary>One extent of a tensor as a vector with one element.</summary>
    public ITensor Extent(ITensor tensor, int axis) =>
        tensor.Dimensions is var dims && dims[axis] >= 0 ? Int64s(dims[axis]) : Elements(ShapeOf(tensor), axis);

    /// <summary>Vectors one after the other.</summary>
    public ITensor Concat(params ITensor[] vectors) =>
        vectors.Length == 1 ? vectors[0] : Helper(Network.AddConcatenation(vectors), "ONNXTRT_ShapeConcat").GetOutput(0);

    /// <summary>Two tensors of one rank, element by element, as a helper.</summary>
    public ITensor Combine(ITensor first, ElementWiseOperation operation, ITensor second) =>
        Helper(Network.AddElementWise(first, second, operation), "ONNXTRT_ShapeElementWise").GetOutput(0);

    /// <summary>The tensor in extents that a tensor of int64 names.</summary>
    public ITensor Reshape(ITensor tensor, ITensor shape, string name = "ONNXTRT_ShapeShuffle")
    {
        IShuffleLayer shuffle = Helper(Network.AddShuffle(tensor), name);
        shuffle.SetInput(1, shape);
        shuffle.ZeroIsPlaceholder = false;
        return shuffle.GetOutput(0);
    }

    /// <summary>The tensor in extents that are known, one of which may be -1.</summary>
    public ITensor Reshape(ITensor tensor, long[] dims, string name = "ONNXTRT_ShapeShuffle")
    {
        IShuffleLayer shuffle = Helper(Network.AddShuffle(tensor), name);
        shuffle.ReshapeDimensions = Interop.Dims.Create(dims);
        shuffle.ZeroIsPlaceholder = false;
        return shuffle.GetOutput(0);
    }

    /// <summary>The tensor with its axes in another order.</summary>
    public ITensor Transpose(ITensor tensor, params int[] order)
    {
        IShuffleLayer shuffle = Helper(Network.AddShuffle(tensor), "ONNXTRT_Transpose");
        Permutation permutation = default;
        order.CopyTo(permutation.Order);
        shuffle.FirstTranspose = permutation;
        return shuffle.GetOutput(0);
    }
}
