using System.Collections.Immutable;
using System.Text;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>An input or output of an engine: what was built, apart from any run. Safe to use from any thread.</summary>
public sealed class TensorSpec
{
    private readonly Range[] ranges;
    private readonly int vectorAxis = -1;
    private readonly int vectorLength = 1;

    internal TensorSpec(ICudaEngine engine, int index, int profiles, Func<string, bool> supports)
    {
        Index = index;
        Name = engine.GetIOTensorName(index);
        Utf8 = Encoding.UTF8.GetBytes(Name);
        IsInput = engine.GetTensorIOMode(Name) == TensorIOMode.Input;
        DataType = engine.GetTensorDataType(Name);
        Shape = engine.GetTensorShape(Name);
        IsOnHost = engine.GetTensorLocation(Name) == TensorLocation.Host;
        Format = engine.GetTensorFormat(Name);
        if (!HasUnknownSize && Format is not (TensorFormat.Linear or TensorFormat.HWC or TensorFormat.DHWC))
        {
            // Asked only where there are vectors: of others the library logs an error.
            vectorAxis = engine.GetTensorVectorizedDim(Name);
            vectorLength = Math.Max(engine.GetTensorComponentsPerElement(Name), 1);
        }

        if (!IsInput && supports("ICudaEngine.getAliasedInputTensor"))
        {
            // Of engines of older releases the library logs an error, and there is no alias.
            using LogSilence silence = LogSilence.Begin();
            AliasedInput = engine.GetAliasedInputTensor(Name);
        }

        ranges = new Range[profiles];
        for (int i = 0; IsInput && i < profiles; i++)
        {
            ranges[i] = RangeOf(engine, i, supports);
        }
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>Whether it is an input.</summary>
    public bool IsInput { get; }

    /// <summary>The element type.</summary>
    public DataType DataType { get; }

    /// <summary>The shape as built, with −1 for extents that a run decides.</summary>
    public Dims Shape { get; }

    /// <summary>Whether the values lie in host memory, as those of shape tensors do: they decide other tensors' shapes, or follow from them.</summary>
    public bool IsOnHost { get; }

    /// <summary>How the elements lie in memory; for all but <see cref="TensorFormat.Linear"/> values are given and read in that order, with the fill of vectors.</summary>
    public TensorFormat Format { get; }

    /// <summary>The input whose memory this output shares (a key-value cache), or null.</summary>
    public string? AliasedInput { get; }

    internal int Index { get; }

    internal byte[] Utf8 { get; }

    internal bool IsDynamic => !Shape.IsStatic;

    /// <summary>What sentences call it.</summary>
    internal string Kind => IsInput ? "input" : "output";

    /// <summary>Whether only the DLA knows how many bytes a shape has.</summary>
    internal bool HasUnknownSize => Format is TensorFormat.DLALinear or TensorFormat.DLAHwc4;

    /// <summary>The smallest shape that a profile allows.</summary>
    /// <param name="profile">0 to the number of profiles − 1.</param>
    /// <exception cref="InvalidOperationException">It is an output.</exception>
    public Dims MinShape(int profile) => At(profile).Min;

    /// <summary>The shape that a profile was tuned for.</summary>
    /// <param name="profile">0 to the number of profiles − 1.</param>
    /// <exception cref="InvalidOperationException">It is an output.</exception>
    public Dims OptShape(int profile) => At(profile).Opt;

    /// <summary>The greatest shape that a profile allows.</summary>
    /// <param name="profile">0 to the number of profiles − 1.</param>
    /// <exception cref="InvalidOperationException">It is an output.</exception>
    public Dims MaxShape(int profile) => At(profile).Max;

    /// <summary>Name, type and shape, as in <c>data Float -1x1x28x28</c>.</summary>
    public override string ToString() => $"{Name} {DataType} {ShapeText.Of(Shape)}";

    /// <summary>Elements in memory for a shape, with those that fill vectors.</summary>
    internal long MemoryCount(in Dims shape)
    {
        if (vectorAxis < 0 || vectorAxis >= shape.NbDims)
        {
            return HasUnknownSize
                ? throw new NotSupportedException($"\"{Name}\" has the DLA's format {Format}, whose size the DLA decides: bind device memory with a length in bytes.")
                : shape.Volume;
        }

        Dims padded = shape;
        padded[vectorAxis] = (shape[vectorAxis] + vectorLength - 1) / vectorLength * vectorLength;
        return padded.Volume;
    }

    /// <summary>Bytes in memory for a shape.</summary>
    internal long MemoryBytes(in Dims shape) => ElementTypes.Bytes(DataType, MemoryCount(shape));

    /// <summary>The axis along which elements lie in vectors, or −1.</summary>
    internal int VectorAxis => vectorAxis;

    /// <summary>Elements of a vector, 1 where there are none.</summary>
    internal int VectorLength => vectorLength;

    /// <summary>The values of a shape-tensor input that a profile was tuned for, or null where the library does not tell.</summary>
    internal ImmutableArray<long>? OptValues(int profile) => ranges[profile].Tuned;

    /// <summary>Values that a shape-tensor input may have, or null where the library does not tell.</summary>
    internal (ImmutableArray<long> Min, ImmutableArray<long> Max)? Values(int profile) => ranges[profile].Values;

    internal void Check<T>()
        where T : unmanaged
    {
        if (!ElementTypes.Holds<T>(DataType))
        {
            ThrowType(typeof(T).Name);
        }
    }

    private void ThrowType(string given) =>
        throw new ArgumentException($"{(IsInput ? "Input" : "Output")} \"{Name}\" has elements of type {DataType}, not {given}: use {ElementTypes.NameOf(DataType)}.");

    private ref readonly Range At(int profile)
    {
        if (!IsInput)
        {
            throw new InvalidOperationException($"\"{Name}\" is an output; profiles limit inputs only.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(profile);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(profile, ranges.Length);
        return ref ranges[profile];
    }

    private Range RangeOf(ICudaEngine engine, int profile, Func<string, bool> supports)
    {
        Range range = new() { Min = Shape, Opt = Shape, Max = Shape };
        if (IsDynamic)
        {
            range.Min = engine.GetProfileShape(Name, profile, OptProfileSelector.Min);
            range.Opt = engine.GetProfileShape(Name, profile, OptProfileSelector.Opt);
            range.Max = engine.GetProfileShape(Name, profile, OptProfileSelector.Max);
        }

        if (IsOnHost && ValuesOf(engine, profile, OptProfileSelector.Min, supports) is { } least && ValuesOf(engine, profile, OptProfileSelector.Max, supports) is { } greatest)
        {
            range.Values = ([.. least], [.. greatest]);
            range.Tuned = ValuesOf(engine, profile, OptProfileSelector.Opt, supports) is { } tuned ? [.. tuned] : null;
        }

        return range;
    }

    /// <summary>A profile holds values of 32 or of 64 bits, usually the tensor's own; asking for the others gives null.</summary>
    private long[]? ValuesOf(ICudaEngine engine, int profile, OptProfileSelector point, Func<string, bool> supports)
    {
        return DataType == DataType.Int64 ? Wide() ?? Narrow() : Narrow() ?? Wide();

        long[]? Wide() => supports("ICudaEngine.getProfileTensorValuesV2") ? engine.GetProfileTensorValuesV2(Name, profile, point) : null;

        long[]? Narrow()
        {
            int[]? values = supports("ICudaEngine.getProfileTensorValues") ? engine.GetProfileTensorValues(Name, profile, point)
                : supports("ICudaEngine.getProfileShapeValues") ? engine.GetProfileShapeValues(profile, engine.GetBindingIndex(Name), point)
                : null;
            return values is null ? null : Array.ConvertAll(values, value => (long)value);
        }
    }

    private record struct Range(Dims Min, Dims Opt, Dims Max, (ImmutableArray<long> Min, ImmutableArray<long> Max)? Values, ImmutableArray<long>? Tuned);
}
