using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>Finds the codec of a value type in a release.</summary>
internal sealed class Codecs(ApiUnion union, Annotations annotations)
{
    private static readonly Dictionary<string, (string Type, int Rank)> Integers = new(StringComparer.Ordinal)
    {
        ["int"] = ("int", 1), ["int32_t"] = ("int", 1), ["uint32_t"] = ("uint", 2), ["int64_t"] = ("long", 3), ["uint64_t"] = ("ulong", 4), ["size_t"] = ("nuint", 4), ["uint8_t"] = ("byte", 0), ["int8_t"] = ("sbyte", 0), ["uint16_t"] = ("ushort", 0),
    };

    private static readonly HashSet<string> Handles = ["cudaStream_t", "cudaEvent_t", "nvinfer1::IPluginRegistry::PluginLibraryHandle", "nvinfer1::cudnnContext", "nvinfer1::cublasContext", "cudnnContext", "cublasContext", "nvinfer1::IPluginFactory"];

    public ApiUnion Union => union;

    public Annotations Annotations => annotations;

    /// <summary>The class that a type names, or null.</summary>
    public UnionClass? ClassOf(ApiModel model, CppType type) => union.Class(ApiUnion.PublicName(model, type.Name));

    /// <summary>The codec of the value that a type names, pointers aside.</summary>
    /// <param name="model">Whose type it is.</param>
    /// <param name="type">The type.</param>
    /// <param name="widest">Integer type that users see, when another release has a wider one.</param>
    public Codec? Value(ApiModel model, CppType type, string? widest = null)
    {
        string resolved = ApiUnion.Resolve(model, type.Name);
        if (annotations.Masks.TryGetValue(Naming.Last(type.Name), out string? flags))
        {
            UnionEnum mask = union.Enums.First(item => item.Name == flags);
            string cs = TypeName(mask.Cpp);
            return new Codec($"Mask<{cs}>", "uint", $"{{L}}.Enum(Enumeration.{EnumConstant(mask)}).ToNativeMask({{0}}.Bits, {{L}})", $"new Mask<{cs}>({{L}}.Enum(Enumeration.{EnumConstant(mask)}).ToManagedMask({{0}}))", false);
        }

        if (Integers.TryGetValue(resolved, out (string Type, int Rank) integer))
        {
            return widest is null || widest == integer.Type
                ? new Codec(integer.Type, integer.Type)
                : new Codec(widest, integer.Type, $"checked(({integer.Type}){{0}})", $"({widest}){{0}}", false);
        }

        if (Handles.Contains(type.Name) || Handles.Contains(resolved))
        {
            return new Codec("nint", "nint");
        }

        switch (resolved)
        {
            case "bool":
                return new Codec("bool", "byte", "(byte)({0} ? 1 : 0)", "({0} != 0)", false);
            case "float":
            case "double":
                return new Codec(resolved, resolved);
            case "char":
                return new Codec("byte", "byte");
            case "void":
                return type.Stars > 0 ? new Codec("nint", "nint") : null;
        }

        string name = ApiUnion.PublicName(model, resolved);
        if (union.Enum(name) is { } enumeration)
        {
            string native = enumeration.Underlying == "uint8_t" ? "byte" : "int";
            string cast = native == "byte" ? "(byte)" : string.Empty;
            string cs = TypeName(enumeration.Cpp);
            return new Codec(cs, native, $"{cast}{{L}}.Enum(Enumeration.{EnumConstant(enumeration)}).ToNative((int){{0}}, {{L}})", enumeration.IsIdentity ? $"({cs}){{0}}" : $"({cs}){{L}}.Enum(Enumeration.{EnumConstant(enumeration)}).ToManaged({{0}})", enumeration.IsIdentity && native == "int");
        }

        string structName = ApiUnion.IsDims(resolved) ? "nvinfer1::Dims" : name;
        if (union.Struct(structName) is { } structure)
        {
            return Struct(structure, structure.LayoutIn(model));
        }

        return null;
    }

    public static string EnumConstant(UnionEnum item) => item.Namespace == "Trt.Interop" ? item.Name : Naming.Folder(item.Namespace) + "_" + item.Name;

    /// <summary>C# name of an enumeration, structure or class.</summary>
    public static string TypeName(string publicName)
    {
        string ns = Naming.Namespace(publicName);
        return ns == "Trt.Interop" ? Naming.Last(publicName) : ns["Trt.Interop.".Length..] + "." + Naming.Last(publicName);
    }

    /// <summary>C# name of a structure's layout: the public type for the first one.</summary>
    public static string LayoutName(UnionStruct structure, int layout) => layout == 0 ? TypeName(structure.Cpp) : $"{structure.Name}Layout{layout + 1}";

    private Codec Struct(UnionStruct structure, int layout)
    {
        string name = TypeName(structure.Cpp);
        return structure.Name switch
        {
            "Weights" => new Codec("Weights", "NativeWeights", "Marshalling.ToNative({0}, {L})", "Marshalling.ToManaged({0}, {L})", false),
            "InterfaceInfo" => new Codec("InterfaceInfo", "NativeInterfaceInfo", "Marshalling.ToNative({0})", "Marshalling.ToManaged({0})", false),
            "DimsExprs" => new Codec("DimsExprs", "NativeDimsExprs", "Marshalling.ToNative({0}, {L})", "Marshalling.ToManaged({0}, {L})", false),
            "PluginFieldCollection" => new Codec("PluginFieldCollection", "NativePluginFieldCollection", "Marshalling.ToNative({0})", "Marshalling.ToManaged({0})", false),
            _ when layout == 0 => new Codec(name, name),
            _ => new Codec(name, LayoutName(structure, layout), $"{LayoutName(structure, layout)}.FromManaged({{0}})", "{0}.ToManaged()", false),
        };
    }

    /// <summary>The wider of two integer types.</summary>
    public static string Wider(string a, string b) => Integers.Values.First(item => item.Type == a).Rank >= Integers.Values.First(item => item.Type == b).Rank ? a : b;

    public static bool IsInteger(string type) => Integers.Values.Any(item => item.Type == type);

    /// <summary>The ABI type of a parameter or result, pointers and all.</summary>
    public static bool IsOpaque(CppType type) => type.Name.EndsWith("Context", StringComparison.Ordinal) || type.Name.EndsWith("::IPluginFactory", StringComparison.Ordinal);

    public string Native(ApiModel model, string text)
    {
        CppType type = CppType.Parse(text);
        if (ApiUnion.Resolve(model, type.Name) == "void" || (ClassOf(model, type) is not null))
        {
            return ApiUnion.Resolve(model, type.Name) == "void" && type.Levels == 0 ? "void" : "void" + new string('*', type.Levels);
        }

        Codec codec = Value(model, type with { Stars = 0, IsReference = false })
            ?? throw new EmitException($"{model.FileName}: the type {text} is unknown: neither a class, an enumeration, a structure nor a number.");
        return codec.Native == "nint" && IsOpaque(type) ? "nint" : codec.Native + new string('*', type.Levels);
    }
}
