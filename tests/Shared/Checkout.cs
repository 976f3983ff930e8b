using System.Reflection;

namespace Trt.Tests;

/// <summary>The checkout that this test assembly was built from; the assembly may be anywhere.</summary>
internal static partial class Checkout
{
    /// <summary>Its folder, without a separator at the end.</summary>
    public static string Root { get; } = typeof(Checkout).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(item => item.Key == "RepoRoot").Value!.TrimEnd('/', '\\');

    /// <summary>Full path of something in it.</summary>
    public static string Path(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Root, .. parts]);
}
