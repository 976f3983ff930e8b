using System.Reflection;
using Trt.Build;

namespace Trt.Docs.Tests;

/// <summary>The repository that this test assembly was built from.</summary>
internal static class Checkout
{
    public static Repository Repository { get; } = new(typeof(Checkout).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepoRoot").Value!.TrimEnd('/', '\\'));

    public static string Root => Repository.Root;

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);
}
