using System.Text.RegularExpressions;
using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>C# spellings of the types of ONNX Runtime's C API.</summary>
internal sealed partial class OrtTypes
{
    private static readonly Dictionary<string, (string Name, int Size)> Scalars = new()
    {
        ["void"] = ("void", 0), ["bool"] = ("byte", 1), ["char"] = ("byte", 1), ["uint8_t"] = ("byte", 1), ["float"] = ("float", 4),
        ["int32_t"] = ("int", 4), ["uint32_t"] = ("uint", 4), ["int64_t"] = ("long", 8), ["uint64_t"] = ("ulong", 8), ["size_t"] = ("nuint", 8),
        // UTF-8 on Linux and macOS, UTF-16 on Windows: the caller decides, so the element type is left open.
        ["ORTCHAR_T"] = ("void", 0),
    };

    private readonly ApiModel model;
    private readonly HashSet<string> enums;
    private readonly HashSet<string> structs;
    private readonly HashSet<string> tables;
    private readonly SortedSet<string> opaque = new(StringComparer.Ordinal);

    public OrtTypes(ApiModel model)
    {
        this.model = model;
        enums = [.. model.Enums.Select(item => item.Name)];
        structs = [.. model.Structs.Select(item => item.Name)];
        tables = [.. model.Tables.Select(item => item.Name)];
    }

    /// <summary>Types that were only ever seen behind a pointer, so far.</summary>
    public IReadOnlyCollection<string> Opaque => opaque;

    /// <summary>Whether it is a pointer to a table of functions.</summary>
    public bool IsTable(string type, out string table)
    {
        CppType parsed = CppType.Parse(type);
        table = parsed.Name;
        return parsed.Stars == 1 && tables.Contains(table);
    }

    /// <summary>The C# type that a value of it is passed as.</summary>
    /// <exception cref="EmitException">The type is neither known nor a pointer.</exception>
    public string Of(string type)
    {
        Match function = FunctionPointer().Match(type);
        if (function.Success)
        {
            string[] parameters = function.Groups["parameters"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return $"delegate* unmanaged<{string.Join(", ", parameters.Append(function.Groups["returns"].Value).Select(Of))}>";
        }

        CppType parsed = CppType.Parse(type);
        string stars = new('*', parsed.Stars);
        if (Scalars.TryGetValue(parsed.Name, out (string Name, int Size) scalar))
        {
            return scalar is { Size: 0 } && parsed.Stars == 0 && parsed.Name != "void"
                ? throw new EmitException($"ONNX Runtime's {type} is used by value, which has no size that all systems share.")
                : scalar.Name + stars;
        }

        if (model.Aliases.TryGetValue(parsed.Name, out string? target))
        {
            return Of(target) + stars;
        }

        if (enums.Contains(parsed.Name) || structs.Contains(parsed.Name))
        {
            return parsed.Name + stars;
        }

        if (parsed.Stars == 0)
        {
            throw new EmitException($"ONNX Runtime's type {type} is not in the model {model.FileName}. Extract it, or teach OrtTypes what it is.");
        }

        if (tables.Contains(parsed.Name))
        {
            return "void*" + stars;
        }

        opaque.Add(parsed.Name);
        return parsed.Name + stars;
    }

    /// <summary>Bytes of a member of that type on 64-bit systems, which is its alignment as well.</summary>
    public int SizeOf(string type)
    {
        string made = Of(type);
        if (made.Contains('*', StringComparison.Ordinal))
        {
            return 8;
        }

        string name = CppType.Parse(type).Name;
        return Scalars.TryGetValue(name, out (string Name, int Size) scalar) ? scalar.Size
            : enums.Contains(name) ? 4
            : throw new EmitException($"ONNX Runtime's structs were not known to hold a {type} by value. Teach OrtTypes its size.");
    }

    [GeneratedRegex(@"^(?<returns>.*?)\s*\(\*\)\((?<parameters>[^()]*)\)$")]
    private static partial Regex FunctionPointer();
}
