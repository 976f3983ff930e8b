using System.Collections.Frozen;

namespace Trt.Utils;

/// <summary>All Python globals that a checkpoint may name.</summary>
internal static class TorchGlobals
{
    private static readonly (string Prefix, TorchDType Type)[] StorageClasses =
    [
        ("Double", TorchDType.Float64),
        ("Float", TorchDType.Float32),
        ("Half", TorchDType.Float16),
        ("BFloat16", TorchDType.BFloat16),
        ("Long", TorchDType.Int64),
        ("Int", TorchDType.Int32),
        ("Short", TorchDType.Int16),
        ("Char", TorchDType.Int8),
        ("Byte", TorchDType.UInt8),
        ("Bool", TorchDType.Bool),
        ("ComplexFloat", TorchDType.Complex64),
        ("ComplexDouble", TorchDType.Complex128),
    ];

    private static readonly FrozenDictionary<string, object> Known = Make();

    /// <summary>A <see cref="TorchGlobal"/>, a <see cref="TorchDType"/>, or null for everything else.</summary>
    public static object? Find(string module, string name) => Known.GetValueOrDefault($"{module} {name}");

    /// <summary>The same in a TorchScript archive, whose program has classes of its own, all in one module.</summary>
    public static object? FindInScript(string module, string name)
    {
        const string Own = "__torch__";
        if (module == Own || module.StartsWith(Own + ".", StringComparison.Ordinal))
        {
            return new TorchGlobal($"{module}.{name}", TorchGlobalKind.ScriptObject);
        }

        return (module, name) switch
        {
            ("torch.jit._pickle", "build_intlist" or "build_doublelist" or "build_boollist" or "build_tensorlist") => new TorchGlobal($"{module}.{name}", TorchGlobalKind.ScriptList),
            ("torch.jit._pickle", "restore_type_tag") => new TorchGlobal($"{module}.{name}", TorchGlobalKind.ScriptTag),
            _ => Find(module, name),
        };
    }

    private static FrozenDictionary<string, object> Make()
    {
        Dictionary<string, object> known = new(StringComparer.Ordinal);
        Add("collections", "OrderedDict", TorchGlobalKind.OrderedDict);
        Add("_codecs", "encode", TorchGlobalKind.Encode);
        foreach (string builtins in (string[])["builtins", "__builtin__"])
        {
            Add(builtins, "set", TorchGlobalKind.Set);
            Add(builtins, "frozenset", TorchGlobalKind.Set);
            Add(builtins, "bytearray", TorchGlobalKind.Bytes);
            Add(builtins, "bytes", TorchGlobalKind.Bytes);
        }

        Add("torch", "Size", TorchGlobalKind.Size);
        Add("torch", "device", TorchGlobalKind.Device);
        Add("torch._utils", "_rebuild_tensor", TorchGlobalKind.Tensor);
        Add("torch._utils", "_rebuild_tensor_v2", TorchGlobalKind.Tensor);
        Add("torch._utils", "_rebuild_tensor_v3", TorchGlobalKind.TypedTensor);
        Add("torch._utils", "_rebuild_parameter", TorchGlobalKind.Parameter);

        foreach ((string prefix, TorchDType type) in StorageClasses)
        {
            foreach (string module in (string[])["torch", "torch.cuda"])
            {
                known.Add($"{module} {prefix}Storage", new TorchGlobal($"{module}.{prefix}Storage", TorchGlobalKind.StorageClass, type));
            }
        }

        foreach (string name in (string[])["torch.storage UntypedStorage", "torch.storage _UntypedStorage", "torch UntypedStorage"])
        {
            known.Add(name, new TorchGlobal(name.Replace(' ', '.'), TorchGlobalKind.StorageClass));
        }

        foreach (TorchDType type in Enum.GetValues<TorchDType>())
        {
            known.Add($"torch {type.TorchName()}", type);
        }

        return known.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(string module, string name, TorchGlobalKind kind) => known.Add($"{module} {name}", new TorchGlobal($"{module}.{name}", kind));
    }
}
