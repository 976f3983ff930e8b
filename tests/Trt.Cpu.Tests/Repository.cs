using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Trt.Cpu.OnnxRuntime;

namespace Trt.Cpu.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "RepoRoot").Value!;

    public static string File(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Tests may be built into a folder outside of the checkout, above which the loader would not find the library that the build fetched.</summary>
    [ModuleInitializer]
    internal static void UseFetchedLibrary()
    {
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string folder = File(".cache", "onnxruntime", $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}");
        if (Environment.GetEnvironmentVariable(OrtLibraryPlaces.Variable) is null or "" && Directory.Exists(folder))
        {
            AppContext.SetData(OrtLibraryPlaces.Setting, folder);
        }
    }
}
