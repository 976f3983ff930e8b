using System.Runtime.InteropServices;
using System.Text.Json;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests.Bench;

/// <summary>References, debug tensors, refits and loading times of <c>trt bench</c>.</summary>
public sealed class BenchChecksTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Outputs_are_checked_against_references()
    {
        Golden(0, 4);
        Golden(4, 3);
        string[] right = ["--shapes=data:4x1x28x28", $"--loadInputs=data:{At("data0.bin")}", $"--loadRefOutputs=prob:{At("prob0.bin")}"];
        Ran fine = Bench([.. right, "--accuracyAlgorithm=lInf", "--accuracyThreshold=0.001"]);
        Assert.Equal(0, fine.ExitCode);
        Assert.Contains("Accuracy loss for tensor prob (LInf): 0.0000", fine.Output, StringComparison.Ordinal);

        // Another digit's answer in the place of the first.
        float[] wrong = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(At("prob0.bin")).AsSpan()).ToArray();
        wrong.AsSpan(10, 10).CopyTo(wrong);
        Write("wrong.bin", wrong);
        Ran off = Bench("--shapes=data:4x1x28x28", $"--loadInputs=data:{At("data0.bin")}", $"--loadRefOutputs=prob:{At("wrong.bin")}", "--atol=0.001", "--accuracyThreshold=0.01", "--json");
        Assert.Equal(ExitCode.Failure, off.ExitCode);
        JsonElement loss = off.Json.GetProperty("accuracy")[0];
        Assert.Equal(("L0", true), (loss.GetProperty("measure").GetString(), loss.GetProperty("fails").GetBoolean()));
        Assert.Equal(0.25, loss.GetProperty("loss").GetDouble(), 0.1); // the ten values of one digit of four

        // A NaN is no agreement, whatever the measure.
        wrong[3] = float.NaN;
        Write("wrong.bin", wrong);
        Ran broken = Bench("--shapes=data:4x1x28x28", $"--loadInputs=data:{At("data0.bin")}", $"--loadRefOutputs=prob:{At("wrong.bin")}", "--accuracyAlgorithm=cos", "--accuracyThreshold=10", "--json");
        Assert.Equal(ExitCode.Failure, broken.ExitCode);
        Assert.Equal("Infinity", broken.Json.GetProperty("accuracy")[0].GetProperty("loss").GetString());
    }

    [Fact]
    public void Pairs_are_checked_one_after_the_other()
    {
        Golden(0, 2);
        Golden(2, 2);
        string[] first = ["--refPair=0", $"--loadInputs=data:{At("data0.bin")}", $"--loadRefOutputs=prob:{At("prob0.bin")}"];
        string[] second = ["--refPair=1", $"--loadInputs=data:{At("data2.bin")}", $"--loadRefOutputs=prob:{At("prob2.bin")}"];
        string[] common = ["--shapes=data:2x1x28x28", "--accuracyAlgorithm=l1", "--accuracyThreshold=0.001", "--json"];
        Ran ran = Bench([.. common, .. first, .. second]);
        Assert.Equal(0, ran.ExitCode);
        Assert.Equal(["0", "1"], ran.Json.GetProperty("accuracy").EnumerateArray().Select(loss => loss.GetProperty("pair").GetString()));
        Assert.Equal(ExitCode.Failure, Bench([.. common, .. first, "--refPair=1", $"--loadInputs=data:{At("data2.bin")}", $"--loadRefOutputs=prob:{At("prob0.bin")}"]).ExitCode);
        Assert.Contains("second", Bench([.. common, .. first]).Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("lacks --load-ref-outputs", Bench([.. common, .. first, "--refPair=1", "--loadInputs=data:x"]).Refusal(ExitCode.Usage), StringComparison.Ordinal);
    }

    [Fact]
    public void Debug_tensors_are_written_in_every_form()
    {
        Ran ran = Quiet($"--markDebug=/conv1/Conv_output_0", $"--saveDebugTensors=/conv1/Conv_output_0:{At("conv.raw")}", "--saveAllDebugTensors=summary,numpy,string,raw", $"--dump-folder={At("debug")}", "--json");
        Assert.Equal("", ran.Error);
        Assert.Equal(0, ran.ExitCode);
        byte[] raw = File.ReadAllBytes(At("conv.raw"));
        Assert.Equal(4 * 20 * 24 * 24, raw.Length); // LeNet's first convolution
        Assert.Equal(raw, File.ReadAllBytes(At("debug/0000__conv1_Conv_output_0.raw")));
        using TorchStateDict array = TorchStateDict.Open(At("debug/0000__conv1_Conv_output_0.npy"));
        TorchTensor tensor = array.Values.Single();
        Assert.Equal("1x20x24x24", string.Join('x', tensor.Shape));
        Assert.True(tensor.Bytes.SequenceEqual(raw));
        float[] values = MemoryMarshal.Cast<byte, float>(raw.AsSpan()).ToArray();
        JsonElement summary = JsonDocument.Parse(File.ReadAllText(At("debug/tensor_summary.json"))).RootElement.GetProperty("tensors")[0];
        Assert.Equal(values.Average(), (float)summary.GetProperty("statistics").GetProperty("avg").GetDouble(), 1e-4);
        Assert.Equal(values.Max(), (float)summary.GetProperty("statistics").GetProperty("max").GetDouble());
        Assert.Equal(1 + (20 * 24), File.ReadAllLines(At("debug/0000__conv1_Conv_output_0.str")).Length);
        Assert.Contains("--mark-debug=x", Quiet("--markDebug=/conv1/Conv_output_0", $"--saveDebugTensors=x:{At("x.raw")}").Refusal(), StringComparison.Ordinal);
        Assert.Contains("\"all\" is none", Quiet("--saveAllDebugTensors=all").Refusal(ExitCode.Usage), StringComparison.Ordinal);
    }

    [Fact]
    public void Refits_and_loads_are_timed()
    {
        Ran refit = Quiet("--refit", "--timeRefit", "--dumpRefit", "--json");
        Assert.Equal(10, refit.Json.GetProperty("refitMs").GetProperty("refits").GetInt32());
        Assert.True(refit.Json.GetProperty("refittable").GetArrayLength() >= 8, refit.Output);
        Assert.Contains("--refit", Quiet("--timeRefit").Refusal(), StringComparison.Ordinal);

        Ran load = Quiet("--timeDeserialize", "--json");
        Assert.Equal(20, load.Json.GetProperty("loads").GetInt32());
        double mean = load.Json.GetProperty("meanMs").GetDouble();
        Assert.Equal(load.Json.GetProperty("planBytes").GetInt64() / 1e6 / (mean / 1000), load.Json.GetProperty("megabytesPerSecond").GetDouble(), 6);

        Assert.Equal(0, Quiet("--skipInference", $"--saveEngine={At("lenet.plan")}").ExitCode);
        Assert.Contains("CPU runtime", Ran.Trt("bench", $"--loadEngine={At("lenet.plan")}", "--getPlanVersionOnly").Output, StringComparison.Ordinal);
        Assert.Contains("lenet.onnx", Ran.Trt("bench", ModelFiles.Find("lenet.onnx"), "--getPlanVersionOnly").Refusal(), StringComparison.Ordinal);
    }

    private static Ran Bench(params IReadOnlyList<string> options) =>
        Ran.Trt(["bench", ModelFiles.Find("lenet.onnx"), "--library=cpu", "--warm-up=0", "--duration=0", "--iterations=3", .. options]);

    private static Ran Quiet(params IReadOnlyList<string> options) => Bench(["--opt-shapes=data:1x1x28x28", .. options]);

    private string At(string name) => Path.Combine(folder, name);

    /// <summary>Digits and PyTorch's answers as bare bytes.</summary>
    private void Golden(int first, int count)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        Write($"data{first}.bin", golden["data"].ToFloat32().AsSpan(first * 784, count * 784));
        Write($"prob{first}.bin", golden["prob"].ToFloat32().AsSpan(first * 10, count * 10));
    }

    private void Write(string name, ReadOnlySpan<float> values) => File.WriteAllBytes(At(name), MemoryMarshal.AsBytes(values).ToArray());
}
