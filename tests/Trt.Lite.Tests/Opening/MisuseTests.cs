using System.Buffers.Binary;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Lite.Tests.Opening;

/// <summary>Libraries, GPUs and plans that are not what an engine needs: one line each that says what to do.</summary>
[Collection(AloneCollection.Name)]
public sealed class MisuseTests : IDisposable
{
    private const string Variable = "TRT_LIBRARY";
    private readonly string folder = Directory.CreateTempSubdirectory("trt-lite-").FullName;
    private readonly string? variable = Environment.GetEnvironmentVariable(Variable);

    public MisuseTests() => Environment.SetEnvironmentVariable(Variable, null);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, variable);
        Directory.Delete(folder, recursive: true);
    }

    [SkippableTheory]
    [InlineData(RuntimeKind.TensorRT, Flavour.TensorRT, "TensorRT is not installed in any of the usual places: install it, ")]
    [InlineData(RuntimeKind.Rtx, Flavour.TensorRTRtx, "TensorRT-RTX is not installed in any of the usual places: install it, ")]
    public void A_library_that_is_not_installed(RuntimeKind runtime, Flavour flavour, string text)
    {
        Skip.If(IsInstalled(flavour), $"{flavour} is installed.");
        TensorRtNotFoundException error = Refused<TensorRtNotFoundException>(o => o.Runtime = runtime);
        Assert.StartsWith(text, error.Message, StringComparison.Ordinal);
        Assert.Contains("EngineOptions.LibraryPath", error.Message, StringComparison.Ordinal);
        Assert.Contains("CpuRuntime.Register()", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Names);
        Assert.Contains("names tried: ", error.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_or_file_that_holds_no_library()
    {
        string nothing = Path.Combine(folder, "nothing");
        Assert.Equal($"The library of TensorRT cannot be used: {nothing}: there is no such file or folder.", Refused<TensorRtNotFoundException>(o => o.LibraryPath = nothing).Message);
        string text = Path.Combine(folder, "libnvinfer.so.10");
        File.WriteAllText(text, "no library");
        Assert.StartsWith($"The library of TensorRT cannot be used: {text}", Refused<TensorRtNotFoundException>(o => o.LibraryPath = text).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void No_GPU_for_a_library_that_is_there()
    {
        string library = RtxLibrary.Folder;
        Skip.If(CudaDriver.IsAvailable(out string _), "There is a GPU here.");
        foreach (RuntimeKind runtime in new[] { RuntimeKind.Rtx, RuntimeKind.Auto })
        {
            string message = Refused<PlatformNotSupportedException>(o => (o.Runtime, o.LibraryPath) = (runtime, library)).Message;
            Assert.StartsWith("TensorRT-RTX 1.", message, StringComparison.Ordinal);
            Assert.Contains(" runs engines on a GPU, but there is none here. ", message, StringComparison.Ordinal);
            Assert.EndsWith("call CpuRuntime.Register() and set EngineOptions.Runtime to Cpu.", message, StringComparison.Ordinal);
        }

        string other = Refused<ArgumentException>(o => (o.Runtime, o.LibraryPath) = (RuntimeKind.TensorRT, library)).Message;
        Assert.StartsWith($"EngineOptions.Runtime is TensorRT, but {library} is TensorRT-RTX 1.", other, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Where_no_GPU_is_the_registered_CPU_runtime_is_taken_before_a_library_that_was_found()
    {
        Environment.SetEnvironmentVariable(Variable, RtxLibrary.Folder);
        Skip.If(CudaDriver.IsAvailable(out string _), "There is a GPU here.");
        Assert.Equal(Flavour.Cpu, Rig.Library.Flavour); // registered
        using Engine engine = new(ModelFiles.Find("lenet.onnx"), o => o.Postprocess(Post.Argmax));
        Assert.Equal(7, engine.Infer<int>(Checkout.Path("models", "digits10", "7.pgm")));
    }

    [SkippableFact]
    public void Plans_of_other_releases_and_products()
    {
        string plan = Path.Combine(folder, "other.plan");
        File.WriteAllBytes(plan, Head(10, 3, 0, 26));
        string message = OneLine(Assert.Throws<EngineFileException>(() => new Engine(plan, o => o.Runtime = RuntimeKind.Cpu))).Message;
        Assert.Equal($"{plan} was built by TensorRT 10.3.0.26 for a GPU, and {Rig.Library} runs only plans that it built itself. Build the model again with it, or load TensorRT 10.3.0 on a machine with a GPU.", message);

        message = OneLine(Assert.Throws<EngineFileException>(() => new Engine(plan, o => o.LibraryPath = RtxLibrary.Folder))).Message;
        Assert.Contains("is another product with plans of its own", message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_plan_of_a_release_that_is_too_old_for_the_library()
    {
        string? lean = Environment.GetEnvironmentVariable("TRT_LEAN_LIBRARY_DIR");
        Skip.If(string.IsNullOrEmpty(lean), "NVIDIA's lean runtimes are not here: set TRT_LEAN_LIBRARY_DIR.");
        string message = OneLine(Assert.Throws<EngineFileException>(() => new Engine(Path.Combine(lean!, "plans", "lenet.fp32.plan"), o => o.LibraryPath = Path.Combine(lean!, "libnvinfer_lean.so.11")))).Message;
        Assert.Contains("was built by TensorRT 8.6.0.12, and TensorRT lean runtime 11.", message, StringComparison.Ordinal);
        Assert.Contains("build the model again", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_no_plans()
    {
        string text = Path.Combine(folder, "text.plan");
        File.WriteAllText(text, "this is no plan but a text of some length");
        Assert.StartsWith($"{text} is no plan. It does not begin like any plan that is known", OneLine(Assert.Throws<EngineFileException>(() => new Engine(text, OnCpu))).Message, StringComparison.Ordinal);
        string empty = Path.Combine(folder, "empty.engine");
        File.WriteAllBytes(empty, []);
        Assert.StartsWith($"{empty} is no plan. It is empty.", OneLine(Assert.Throws<EngineFileException>(() => new Engine(empty, OnCpu))).Message, StringComparison.Ordinal);
        string onnx = ModelFiles.Find("lenet.onnx");
        Assert.StartsWith($"{onnx} is no plan. It looks like an ONNX model", Assert.Throws<EngineFileException>(() => new Engine(onnx, o =>
        {
            OnCpu(o);
            o.Framework = Framework.Plan;
        })).Message, StringComparison.Ordinal);
        Assert.Equal($"{folder} is a folder: name a model's file.", OneLine(Assert.Throws<FileNotFoundException>(() => new Engine(folder))).Message);
    }

    [Fact]
    public void A_profile_that_the_engine_does_not_have()
    {
        string message = OneLine(Assert.Throws<ArgumentOutOfRangeException>(() => new Engine(ModelFiles.Find("lenet.onnx"), o =>
        {
            OnCpu(o);
            o.Profile = 3;
        }))).Message;
        Assert.StartsWith("EngineOptions.Profile is 3, but lenet.onnx has 1 profile, 0.", message, StringComparison.Ordinal);
    }

    private static void OnCpu(EngineOptions options) => options.Library = Rig.Library;

    private static bool IsInstalled(Flavour flavour)
    {
        try
        {
            TensorRt.Load(new TensorRtOptions { Flavour = flavour });
            return true;
        }
        catch (TensorRtNotFoundException)
        {
            return false;
        }
    }

    private static T Refused<T>(Action<EngineOptions> configure)
        where T : Exception => OneLine(Assert.Throws<T>(() => new Engine(ModelFiles.Find("lenet.onnx"), configure)));

    private static T OneLine<T>(T error)
        where T : Exception
    {
        Assert.DoesNotContain('\n', error.Message);
        return error;
    }

    /// <summary>The head of a plan of TensorRT with one block of 140 bytes, as far as it is known: tag, kind, length, release, directory.</summary>
    private static byte[] Head(byte major, byte minor, byte patch, byte build)
    {
        byte[] plan = new byte[200];
        "ftrt"u8.CopyTo(plan);
        BinaryPrimitives.WriteInt64LittleEndian(plan.AsSpan(8), 1);
        BinaryPrimitives.WriteInt64LittleEndian(plan.AsSpan(16), plan.Length);
        (plan[24], plan[25], plan[26], plan[27]) = (major, minor, patch, build);
        "NGNE"u8.CopyTo(plan.AsSpan(32));
        BinaryPrimitives.WriteInt64LittleEndian(plan.AsSpan(40), 56);
        BinaryPrimitives.WriteInt64LittleEndian(plan.AsSpan(48), 140);
        return plan;
    }
}
