namespace Trt.Tests.Goldens;

/// <summary>C++ names of enumerators beside ours.</summary>
public static class GoldenNames
{
    /// <summary>The enumerator with a C++ name such as <c>kLEAKY_RELU</c>.</summary>
    public static T Parse<T>(string name)
        where T : struct, Enum => (T)Parse(typeof(T), name);

    /// <summary>The enumerator with a C++ name.</summary>
    public static object Parse(Type type, string name) =>
        Enum.Parse(type, Enum.GetNames(type).SingleOrDefault(ours => Bare(ours) == Bare(name)) ?? throw new ArgumentException($"{type.Name} has no {name}."));

    /// <summary>What a C++ and a C# name of the same enumerator have in common.</summary>
    public static string Bare(string name) => (name.Length > 1 && name[0] == 'k' && char.IsUpper(name[1]) ? name[1..] : name).Replace("_", string.Empty, StringComparison.Ordinal).ToUpperInvariant();
}
