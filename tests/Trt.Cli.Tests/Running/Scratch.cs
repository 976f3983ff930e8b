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

    /// <summary>A plan whose outputs are its inputs, so that a test knows what every output must be.</summary>
    /// <param name="name">The file.</param>
    /// <param name="inputs">Names and shapes; the first axis may be −1, which is built for 1 to 4. Input x has output y_x.</param>
    public string Mirror(string name, params (string Name, long[] Shape)[] inputs) => Plan(
        name,
        ModelSource.FromNetwork(network =>
        {
            foreach ((string input, long[] shape) in inputs)
            {
                ITensor output = network.AddIdentity(network.AddInput(input, DataType.Float, new Dims(shape))).GetOutput(0)!;
                output.Name = "y_" + input;
                network.MarkOutput(output);
            }
        }),
        new BuildOptions { Batch = new ExtentRange(1, 4, 4) });

    /// <summary>A folder with some of the digits.</summary>
    public string DigitsOf(string name, params (string File, string As)[] files)
    {
        foreach ((string file, string target) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(this[Path.Combine(name, target)])!);
            File.Copy(Path.Combine(Digits, file), this[Path.Combine(name, target)]);
        }

        return this[name];
    }

    public string Save(string name, params (string Name, TorchTensor Tensor)[] tensors)
    {
        NpzFile.Write(this[name], new OrderedDictionary<string, TorchTensor>(tensors.Select(tensor => KeyValuePair.Create(tensor.Name, tensor.Tensor))));
        return this[name];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
