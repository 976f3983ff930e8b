using System.Collections.Immutable;
using System.Numerics;
using System.Text;

namespace Trt.Utils;

/// <summary>Does what the known globals do, with arguments that are checked, not trusted.</summary>
internal static class TorchCalls
{
    public static object? Invoke(string path, PickleBudget budget, TorchGlobal global, object?[] arguments) => global.Kind switch
    {
        TorchGlobalKind.OrderedDict => OrderedDict(path, budget, global, arguments),
        TorchGlobalKind.Set => Set(path, budget, global, arguments),
        TorchGlobalKind.Bytes or TorchGlobalKind.Encode => Bytes(path, budget, global, arguments),
        TorchGlobalKind.Size => Size(path, budget, global, arguments),
        TorchGlobalKind.Device => Device(path, global, arguments),
        TorchGlobalKind.Tensor => Tensor(path, global, arguments, typed: false),
        TorchGlobalKind.TypedTensor => Tensor(path, global, arguments, typed: true),
        TorchGlobalKind.Parameter => Parameter(path, global, arguments),
        TorchGlobalKind.ScriptObject => arguments.Length == 0 ? new TorchDictionary(isOrderedDict: false) { TypeName = global.Name } : arguments, // named tuples are called with their items
        TorchGlobalKind.ScriptList => arguments is [List<object?> values] ? values : throw BadArguments(path, global),
        TorchGlobalKind.ScriptTag => arguments is [var value, string] ? value : throw BadArguments(path, global),
        _ => throw BadArguments(path, global),
    };

    public static TorchFormatException Refuse(string path, string global)
    {
        string name = PickleText.Shorten(global);
        return new TorchFormatException(path, $"It wants to call the Python global \"{name}\", which is none of those that tensors are made with; nothing of it was run. If you trust whoever made the file, load it with PyTorch and save its state_dict() alone; if not, do not load it anywhere.", name);
    }

    public static void CheckKey(string path, PickleBudget budget, object? key)
    {
        if (!PickleKeyComparer.IsKey(key))
        {
            throw new TorchFormatException(path, $"A dictionary or set has a key {PickleKeyComparer.Describe(key)}, which cannot be a key here. Text, numbers and tuples of these can.");
        }

        budget.Charge(1 + PickleKeyComparer.Cost(key));
    }

    private static TorchDictionary OrderedDict(string path, PickleBudget budget, TorchGlobal global, object?[] arguments)
    {
        TorchDictionary dictionary = new(isOrderedDict: true);
        if (arguments.Length == 0)
        {
            return dictionary;
        }

        // Python 2 passes the entries as a list of pairs.
        if (arguments.Length != 1 || arguments[0] is not IReadOnlyList<object?> pairs)
        {
            throw BadArguments(path, global);
        }

        budget.Charge(16L * pairs.Count);
        foreach (object? item in pairs)
        {
            if (item is not IReadOnlyList<object?> { Count: 2 } pair)
            {
                throw BadArguments(path, global);
            }

            CheckKey(path, budget, pair[0]);
            if (pair[1] is TorchTensor { Name.Length: 0 } tensor)
            {
                tensor.Name = pair[0] as string ?? PickleKeyComparer.Describe(pair[0]);
            }

            dictionary.Set(pair[0]!, pair[1]);
        }

        return dictionary;
    }

    private static HashSet<object> Set(string path, PickleBudget budget, TorchGlobal global, object?[] arguments)
    {
        HashSet<object> set = new(PickleKeyComparer.Instance);
        if (arguments.Length == 0)
        {
            return set;
        }

        if (arguments.Length != 1 || arguments[0] is not IReadOnlyList<object?> members)
        {
            throw BadArguments(path, global);
        }

        budget.Charge(16L * members.Count);
        foreach (object? member in members)
        {
            CheckKey(path, budget, member);
            set.Add(member!);
        }

        return set;
    }

    private static byte[] Bytes(string path, PickleBudget budget, TorchGlobal global, object?[] arguments)
    {
        switch (arguments)
        {
            case [] when global.Kind == TorchGlobalKind.Bytes:
                return [];
            case [byte[] bytes] when global.Kind == TorchGlobalKind.Bytes:
                budget.Charge(bytes.Length);
                return bytes.AsSpan().ToArray();
            case [string text, string encoding] when encoding is "latin1" or "latin-1" && text.All(character => character <= 0xFF):
                budget.Charge(text.Length);
                return Encoding.Latin1.GetBytes(text);
            default:
                throw BadArguments(path, global);
        }
    }

    private static TorchSize Size(string path, PickleBudget budget, TorchGlobal global, object?[] arguments)
    {
        if (arguments.Length != 1 || arguments[0] is not IReadOnlyList<object?> values)
        {
            throw BadArguments(path, global);
        }

        budget.Charge(16L * values.Count);
        return new TorchSize([.. values.Select(value => value as long? ?? throw BadArguments(path, global))]);
    }

    private static string Device(string path, TorchGlobal global, object?[] arguments) => arguments switch
    {
        [string type] => type,
        [string type, long index] when type.Length < 64 => $"{type}:{index}",
        _ => throw BadArguments(path, global),
    };

    private static TorchTensor Tensor(string path, TorchGlobal global, object?[] arguments, bool typed)
    {
        // storage, offset, size, stride, and from the second form on requires_grad, hooks; then the type in the third form; then marks such as "conjugated".
        int most = typed ? 8 : 7;
        if (arguments.Length < (typed ? 7 : 4) || arguments.Length > most
            || arguments[0] is not StorageView storage || arguments[1] is not long offset || arguments[2] is not { } size || arguments[3] is not { } stride)
        {
            throw BadArguments(path, global);
        }

        bool requiresGrad = arguments.Length > 4 && (arguments[4] as bool? ?? throw BadArguments(path, global));
        if (arguments.Length > 5 && arguments[5] is not (null or TorchDictionary { Count: 0 }))
        {
            throw new TorchFormatException(path, "A tensor carries backward hooks, which are code. Save its state_dict() alone.");
        }

        if (arguments.Length == most && arguments[^1] is not null && (arguments[^1] is not TorchDictionary { Count: < 16 } marks || marks.Values.Any(mark => mark is not false)))
        {
            throw new TorchFormatException(path, "A tensor is marked as conjugated or negated without its values being so. Call resolve_conj() and resolve_neg() before saving.");
        }

        TorchDType type = typed ? arguments[6] as TorchDType? ?? throw BadArguments(path, global) : storage.DType;
        return TorchTensor.FromFile(storage, type, offset, Dimensions(path, global, size), Dimensions(path, global, stride), requiresGrad);
    }

    private static TorchTensor Parameter(string path, TorchGlobal global, object?[] arguments) => arguments switch
    {
        [TorchTensor data, bool requiresGrad, null or TorchDictionary { Count: 0 }] => data.AsParameter(requiresGrad),
        _ => throw BadArguments(path, global),
    };

    private static ImmutableArray<long> Dimensions(string path, TorchGlobal global, object values)
    {
        if (values is TorchSize size)
        {
            return size.Dimensions.Length <= TensorBounds.MostDimensions ? size.Dimensions : throw BadArguments(path, global);
        }

        if (values is not object?[] tuple || tuple.Length > TensorBounds.MostDimensions)
        {
            throw BadArguments(path, global);
        }

        return [.. tuple.Select(value => value as long? ?? throw BadArguments(path, global))];
    }

    private static TorchFormatException BadArguments(string path, TorchGlobal global) =>
        new(path, $"It calls {global.Name} with arguments that PyTorch does not write. The file is damaged or of a kind that is not known.");
}
