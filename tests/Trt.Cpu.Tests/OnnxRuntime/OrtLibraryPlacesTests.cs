using System.Runtime.InteropServices;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.OnnxRuntime;

public sealed class OrtLibraryPlacesTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("ort-places").FullName;

    private static string Platform => OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";

    private static string Rid => $"{Platform}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void TheApplicationComesBeforeTheCheckout()
    {
        string app = Path.Combine(root, "bin", "app");
        string cache = Put(Path.Combine(root, ".cache", "onnxruntime", Rid, OrtLibraryPlaces.Names[0]));
        string package = Put(Path.Combine(app, "runtimes", Rid, "native", OrtLibraryPlaces.Names[0]));
        string beside = Put(Path.Combine(app, OrtLibraryPlaces.Names[0]));
        Assert.Equal([beside, package, cache], Own(new OrtLibraryPlaces(null, app).Files()));
    }

    [SkippableFact]
    public void TheNewestOfSeveralVersionsIsTakenButNoOtherMajorOne()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no versions in the names of libraries.");
        string[] names = OperatingSystem.IsMacOS()
            ? ["libonnxruntime.1.9.0.dylib", "libonnxruntime.1.30.0.dylib", "libonnxruntime.2.0.0.dylib"]
            : ["libonnxruntime.so.1.9.0", "libonnxruntime.so.1.30.0", "libonnxruntime.so.2.0.0"];
        string[] files = [.. names.Select(name => Put(Path.Combine(root, name)))];
        Assert.Equal([files[1], files[0]], Own(new OrtLibraryPlaces(null, root).Files()));
    }

    [Fact]
    public void AChosenFileOrFolderIsTheOnlyPlace()
    {
        string elsewhere = Path.Combine(root, "elsewhere");
        string chosen = Put(Path.Combine(elsewhere, OrtLibraryPlaces.Names[0]));
        string named = Put(Path.Combine(elsewhere, "my-own-build"));
        Put(Path.Combine(root, "app", OrtLibraryPlaces.Names[0]));
        Assert.Equal([chosen], new OrtLibraryPlaces(elsewhere, Path.Combine(root, "app")).Files());
        Assert.Equal([named], new OrtLibraryPlaces(named, Path.Combine(root, "app")).Files());
    }

    [Fact]
    public void WhatCannotBeLoadedIsListedWithTheRemedy()
    {
        string broken = Put(Path.Combine(root, OrtLibraryPlaces.Names[0]));
        TensorRtNotFoundException exception = Assert.Throws<TensorRtNotFoundException>(() => OrtEnvironment.Load(new OrtLibraryPlaces(broken, root)));
        Assert.Contains(broken, Assert.Single(exception.Found));
        Assert.Equal(OrtLibraryPlaces.Names, exception.Names);
        Assert.Equal(root, exception.Folders[0]);
        Assert.Contains("Microsoft.ML.OnnxRuntime", exception.Message);
        Assert.Contains("./build.sh build", exception.Message);
        Assert.Contains(OrtLibraryPlaces.Variable, exception.Message);

        string missing = Path.Combine(root, "not-there");
        Assert.Contains(missing, Assert.Throws<TensorRtNotFoundException>(() => OrtEnvironment.Load(new OrtLibraryPlaces(missing, root))).Message);
    }

    private static string Put(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "not a library");
        return path;
    }

    // The machine may have libraries in folders above the temporary one, or where the runtime looks.
    private IEnumerable<string> Own(IEnumerable<string> files) => files.Where(file => file.StartsWith(root, StringComparison.Ordinal));
}
