using System.Globalization;

namespace Trt.Generator.Extract;

/// <summary>The version that the headers state, evaluated by the compiler.</summary>
/// <param name="Major">Major.</param>
/// <param name="Minor">Minor.</param>
/// <param name="Patch">Patch.</param>
/// <param name="Build">Build.</param>
/// <param name="Number">One number, as the library answers it.</param>
internal sealed record VersionProbe(int Major, int Minor, int Patch, int Build, int Number)
{
    private const string Name = "TrtGeneratorVersionProbe";

    /// <summary>Source text to put after the includes.</summary>
    public const string Source = $$"""
        enum {{Name}} : long long
        {
            trtGeneratorMajor = NV_TENSORRT_MAJOR,
            trtGeneratorMinor = NV_TENSORRT_MINOR,
            trtGeneratorPatch = NV_TENSORRT_PATCH,
            trtGeneratorBuild = NV_TENSORRT_BUILD,
            trtGeneratorNumber = NV_TENSORRT_VERSION
        };

        """;

    /// <summary>Reads it out of the tree of a source with <see cref="Source"/>.</summary>
    public static VersionProbe Read(AstDocument document, ConstantReader constants)
    {
        AstNode probe = document.Root.Inner.FindLast(node => node.Kind == "EnumDecl" && node.Name == Name)
            ?? throw new ExtractException("The version probe is missing in clang's syntax tree.");
        int[] values = [.. constants.Enumerators(probe).Select(member => (int)member.Value)];
        return new VersionProbe(values[0], values[1], values[2], values[3], values[4]);
    }

    /// <summary>All four parts with dots.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}.{Build}");

    /// <summary>Whether a release name such as <c>10.16</c> or <c>8.6.1</c> means this version.</summary>
    public bool Is(string release)
    {
        string[] parts = release.Split('.');
        string[] own = ToString().Split('.');
        return parts.Length is >= 2 and <= 4 && parts.SequenceEqual(own.Take(parts.Length));
    }
}
