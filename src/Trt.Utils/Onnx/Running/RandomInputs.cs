using Trt.Interop;

namespace Trt.Utils;

/// <summary>Inputs to compare models with.</summary>
/// <param name="infos">The inputs.</param>
/// <param name="options">Extents, and how inputs are made.</param>
internal sealed class RandomInputs(IReadOnlyList<OnnxValueInfo> infos, OnnxCheckOptions options)
{
    /// <summary>Inputs and their shapes, for messages.</summary>
    public static string Describe(IReadOnlyDictionary<string, OnnxTensor>[]? inputs) =>
        inputs is not [var first, ..] || first.Count == 0 ? "none" : string.Join(", ", first.Select(input => $"{input.Key}: {input.Value}"));

    /// <summary>One set of inputs, the same each time for the same run.</summary>
    /// <exception cref="ArgumentException">The options name an input that there is not, or give it another number of extents.</exception>
    /// <exception cref="NotSupportedException">An input is no tensor, or of a type that is not made here.</exception>
    public IReadOnlyDictionary<string, OnnxTensor> Make(int run)
    {
        foreach (string name in options.InputShapes.Keys.Where(name => infos.All(info => info.Name != name)))
        {
            throw new ArgumentException($"The model has no input \"{name}\"; its inputs are {string.Join(", ", infos.Select(info => info.Name))}.");
        }

        Random random = new(run);
        Dictionary<string, long> symbols = Symbols();
        Dictionary<string, OnnxTensor> inputs = new(StringComparer.Ordinal);
        foreach (OnnxValueInfo info in infos)
        {
            long[] dims = Dims(info, symbols);
            inputs.Add(info.Name, options.MakeInput is { } make ? make(info, dims, run) : Make(info, dims, random));
        }

        return inputs;
    }

    private static OnnxTensor Make(OnnxValueInfo info, long[] dims, Random random)
    {
        const long most = 1L << 27;
        double count = dims.Aggregate(1.0, (product, dim) => product * dim);
        if (count > most)
        {
            throw new NotSupportedException($"Input {info} with extents [{string.Join(", ", dims)}] is too large to be made for a check; give smaller ones in OnnxCheckOptions.InputShapes.");
        }

        return info.ElementType switch
        {
            OnnxElementType.Float => Fill(() => random.NextSingle()),
            OnnxElementType.Double => Fill(random.NextDouble),
            OnnxElementType.Half => Fill(() => (Half)random.NextSingle()),
            OnnxElementType.Bool => Fill(() => random.Next(2) == 1),
            OnnxElementType.Int8 => Fill(() => (sbyte)random.Next(2)),
            OnnxElementType.UInt8 => Fill(() => (byte)random.Next(2)),
            OnnxElementType.Int16 => Fill(() => (short)random.Next(2)),
            OnnxElementType.UInt16 => Fill(() => (ushort)random.Next(2)),
            OnnxElementType.Int32 => Fill(() => random.Next(2)),
            OnnxElementType.UInt32 => Fill(() => (uint)random.Next(2)),
            OnnxElementType.Int64 => Fill(() => (long)random.Next(2)),
            OnnxElementType.UInt64 => Fill(() => (ulong)random.Next(2)),
            OnnxElementType.BFloat16 => OnnxTensor.FromBytes(OnnxElementType.BFloat16, dims, Bytes(() => (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle()) >> 16))),
            OnnxElementType.String => OnnxTensor.FromStrings([.. Enumerable.Range(0, (int)count).Select(_ => random.Next(2) == 1 ? "a" : "b")], dims),
            _ => throw new NotSupportedException($"Inputs like {info} are not made here; give OnnxCheckOptions.MakeInput."),
        };

        OnnxTensor Fill<T>(Func<T> next)
            where T : unmanaged => OnnxTensor.FromBytes(OnnxElementTypes.Of<T>(), dims, Bytes(next));

        byte[] Bytes<T>(Func<T> next)
            where T : unmanaged
        {
            T[] values = new T[(int)count];
            foreach (ref T value in values.AsSpan())
            {
                value = next();
            }

            return System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(values).ToArray();
        }
    }

    /// <summary>What symbols stand for: what the options say of them first, else the first axis that has them.</summary>
    private Dictionary<string, long> Symbols()
    {
        Dictionary<string, long> symbols = new(StringComparer.Ordinal);
        foreach (OnnxValueInfo info in infos.Where(info => !info.Dims.IsDefault).OrderBy(info => options.InputShapes.ContainsKey(info.Name) ? 0 : 1))
        {
            for (int axis = 0; axis < info.Dims.Length; axis++)
            {
                if (info.Dims[axis] < 0 && info.DimNames[axis].Length > 0)
                {
                    symbols.TryAdd(info.DimNames[axis], options.InputShapes.TryGetValue(info.Name, out long[]? given) && axis < given.Length && given[axis] >= 0 ? given[axis] : Default(axis));
                }
            }
        }

        return symbols;
    }

    private long Default(int axis) => axis < options.DefaultShape.Count ? options.DefaultShape[axis] : 1;

    private long[] Dims(OnnxValueInfo info, Dictionary<string, long> symbols)
    {
        if (info.Kind != OnnxValueKind.Tensor)
        {
            throw new NotSupportedException($"Input {info} is no tensor, so the model cannot be checked by running it.");
        }

        if (options.InputShapes.TryGetValue(info.Name, out long[]? given))
        {
            return info.Dims.IsDefault || (given.Length == info.Dims.Length && given.Zip(info.Dims).All(pair => pair.First >= 0 && (pair.Second < 0 || pair.First == pair.Second)))
                ? given
                : throw new ArgumentException($"Input {info} cannot have the extents [{string.Join(", ", given)}] that the check gives it.");
        }

        return info.Dims.IsDefault
            ? []
            : [.. info.Dims.Select((dim, axis) => dim >= 0 ? dim : symbols.TryGetValue(info.DimNames[axis], out long value) ? value : Default(axis))];
    }
}
