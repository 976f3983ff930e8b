using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Tests.Running;

/// <summary>A folder of a test's own, and what tests put there.</summary>
internal sealed class Scratch : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("trt-cli-").FullName;

    public string this[string name] => Path.Combine(Folder, name);

    public static string Digits => Path.GetDirectoryName(ModelFiles.Find("digits/0_000.pgm"))!;

    /// <summary>A plan of the CPU runtime, built through the library and not through the tool.</summary>
    public string Plan(string name, ModelSource source, BuildOptions? options = null)
    {
        CpuRuntime.Register();
        TensorRtLibrary library = TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
        using BuiltEngine built = new EngineBuilder(library).Build(source, options ?? new BuildOptions { Batch = new ExtentRange(1, 20, 20) });
        return built.Save(this[name]).Path;
    }

    public string Save(string name, params (string Name, TorchTensor Tensor)[] tensors)
    {
        NpzFile.Write(this[name], new OrderedDictionary<string, TorchTensor>(tensors.Select(tensor => KeyValuePair.Create(tensor.Name, tensor.Tensor))));
        return this[name];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
