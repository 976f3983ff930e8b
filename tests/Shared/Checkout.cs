using System.Reflection;

namespace Trt.Tests;

/// <summary>The checkout that this test assembly was built from; the assembly may be anywhere. A program that carries its files says in which folder they lie.</summary>
internal static partial class Checkout
{
    /// <summary>Setting of the application (<see cref="AppContext.SetData"/>): a folder with the files of a checkout.</summary>
    public const string Setting = "Trt.Tests.Checkout";

    private static readonly string Built = typeof(Checkout).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(item => item.Key == "RepoRoot").Value!;

    /// <summary>Its folder, without a separator at the end.</summary>
    public static string Root => (AppContext.GetData(Setting) as string ?? Built).TrimEnd('/', '\\');

    /// <summary>Full path of something in it.</summary>
    public static string Path(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Root, .. parts]);
}
