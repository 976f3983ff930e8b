using Trt.Utils;

namespace Trt.Cli;

/// <summary>Tensors in files: inputs that users give, outputs that they ask for.</summary>
internal static class TensorFiles
{
    /// <summary>Reads values for a model's inputs.</summary>
    /// <param name="texts">Each <c>x=data.npy</c>, <c>x=all.npz</c> (its array x, or its only one), <c>all.npz</c> or another file of named tensors, <c>data.npy</c> where the model has one input, or <c>x:data.bin</c> with the bare bytes, as trtexec has it; several with commas between.</param>
    /// <param name="slots">The model's inputs.</param>
    /// <param name="shapes">Shapes for bare bytes where the model leaves them open, from <see cref="ShapeText.Parse"/>.</param>
    /// <param name="option">The option's name, for errors.</param>
    /// <param name="convert">Whether values may be rounded and limited to fit the input's type; null: no, and there is no option for it.</param>
    /// <returns>Tensors by input, of the inputs' types; those not given are missing. They hold memory of their own.</returns>
    /// <exception cref="UserError">A file, name, type or shape does not fit; the message names both sides.</exception>
    public static IReadOnlyDictionary<string, TorchTensor> Read(IEnumerable<string> texts, IReadOnlyList<TensorSlot> slots, IReadOnlyDictionary<string, long[]>? shapes = null, string option = "--input", bool? convert = null)
    {
        Dictionary<string, TorchTensor> found = new(StringComparer.Ordinal);
        foreach (string text in texts.SelectMany(ShapeText.Entries))
        {
            (string? name, string path, bool isRaw) = Split(text);
            if (!File.Exists(path))
            {
                throw new UserError($"{option} {text}: there is no file {path}.");
            }

            if (isRaw)
            {
                TensorSlot slot = Slot(name!, slots, option, text);
                found[slot.Name] = Raw(path, slot, shapes?.For(slot.Name), option);
                continue;
            }

            using TorchStateDict file = TorchStateDict.Open(path);
            if (name is not null)
            {
                TensorSlot slot = Slot(name, slots, option, text);
                found[name] = Fit(file.TryGetValue(name, out TorchTensor? tensor) ? tensor : Single(file, option, text), slot, option, text, convert);
                continue;
            }

            bool isOne = file.Count == 1 && slots.Count == 1;
            foreach (TensorSlot slot in slots)
            {
                if (isOne || file.ContainsKey(slot.Name))
                {
                    found[slot.Name] = Fit(isOne ? file.Values.Single() : file[slot.Name], slot, option, text, convert);
                }
            }

            if (!slots.Any(slot => isOne || file.ContainsKey(slot.Name)))
            {
                throw new UserError($"{option} {text} has {Listed(file.Keys)}, none of which is an input: {Listed(slots.Select(slot => slot.Name))}. Say which it is: {slots.Select(slot => slot.Name).FirstOrDefault("x")}={path}.");
            }
        }

        return found;
    }

    /// <summary>Writes tensors as one .npz archive, which NumPy opens.</summary>
    /// <param name="path">Replaced when it exists, at once when all is written.</param>
    /// <param name="tensors">Those of types that NumPy lacks (bfloat16, float8) are written as float32.</param>
    public static void WriteNpz(string path, IEnumerable<KeyValuePair<string, TorchTensor>> tensors) => NpzFile.Write(path, new OrderedDictionary<string, TorchTensor>(tensors.Select(tensor => KeyValuePair.Create(
        tensor.Key,
        tensor.Value.DType is TorchDType.BFloat16 or TorchDType.Float8E4M3FN or TorchDType.Float8E5M2 ? tensor.Value.ConvertTo(TorchDType.Float32) : tensor.Value))));

    /// <summary>A tensor as the input's type, in memory of its own.</summary>
    private static TorchTensor Fit(TorchTensor tensor, TensorSlot slot, string option, string text, bool? convert)
    {
        if (!slot.Takes(tensor.Shape))
        {
            throw new UserError($"{option} {text}: input \"{slot.Name}\" is {Units.Shape(slot.Shape)}, but the file has {Units.Shape(tensor.Shape)}.");
        }

        try
        {
            TorchTensor own = TorchTensor.FromBytes(tensor.ToContiguous().Bytes.ToArray(), tensor.DType, [.. tensor.Shape]).WithName(slot.Name);
            return own.ConvertTo(slot.Type, convert == true ? ConversionRule.Lossy : ConversionRule.Exact);
        }
        catch (InvalidOperationException error)
        {
            // What the library says begins with the two types and ends with what programs can do.
            int start = error.Message.IndexOf(": ", StringComparison.Ordinal) + 2;
            int end = error.Message.LastIndexOf(" Pass ", StringComparison.Ordinal);
            string reason = start > 1 && end > start ? error.Message[start..end] : error.Message;
            throw new UserError($"{option} {text}: input \"{slot.Name}\" is {slot.Type.TorchName()}, the file's {tensor.DType.TorchName()} does not fit: {reason}{(convert is null ? string.Empty : " --convert accepts that.")}");
        }
    }

    private static TorchTensor Raw(string path, TensorSlot slot, long[]? shape, string option)
    {
        long[] extents = shape ?? [.. slot.Shape];
        if (!slot.Takes(extents) || extents.Any(extent => extent < 0))
        {
            throw new UserError($"{option} {slot.Name}:{path} has bare bytes: say the shape of \"{slot.Name}\" with --shapes {slot.Name}:{Units.Shape(slot.Shape.Select(extent => Math.Max(extent, 1)))}.");
        }

        long wanted = extents.Aggregate(1L, (product, extent) => checked(product * extent)) * slot.Type.ByteSize();
        long there = new FileInfo(path).Length;
        return there == wanted
            ? TorchTensor.FromBytes(File.ReadAllBytes(path), slot.Type, extents).WithName(slot.Name)
            : throw new UserError($"{option} {slot.Name}:{path} has {there} bytes, but {slot.Type.TorchName()} {Units.Shape(extents)} takes {wanted}.");
    }

    private static TensorSlot Slot(string name, IReadOnlyList<TensorSlot> slots, string option, string text) => slots.FirstOrDefault(slot => slot.Name == name)
        ?? throw new UserError($"{option} {text}: the model has no input \"{name}\"; it has {Listed(slots.Select(slot => slot.Name))}.");

    private static TorchTensor Single(TorchStateDict file, string option, string text) => file.Count == 1
        ? file.Values.Single()
        : throw new UserError($"{option} {text}: the file has several tensors and none of that name: {Listed(file.Keys)}.");

    /// <summary>Whichever separator comes first behind the name decides; what exists as it stands is a file.</summary>
    private static (string? Name, string Path, bool IsRaw) Split(string text)
    {
        if (File.Exists(text))
        {
            return (null, text, false);
        }

        int equals = text.IndexOf('=');
        int colon = text.LastIndexOf(':');
        return equals > 0 ? (text[..equals], text[(equals + 1)..], false)
            : colon < 1 || IsDrive(text, colon) ? (null, text, false)
            : (text[..colon].Trim('\''), text[(colon + 1)..], !text.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) && !text.EndsWith(".npz", StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsDrive(string text, int colon) => OperatingSystem.IsWindows() && colon == 1 && text.Length > 2 && (text[2] is '\\' or '/');

    private static string Listed(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length == 0 ? "nothing" : string.Join(", ", all.Take(8).Select(name => $"\"{name}\"")) + (all.Length > 8 ? $" and {all.Length - 8} more" : string.Empty);
    }
}
