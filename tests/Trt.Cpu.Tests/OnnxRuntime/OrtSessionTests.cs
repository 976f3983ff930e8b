using System.Text.Json;
using Trt.Cpu.OnnxRuntime;
using Trt.Utils;
using Xunit;

namespace Trt.Cpu.Tests.OnnxRuntime;

public class OrtSessionTests
{
    [Fact]
    public void LeNetAgreesWithPyTorch()
    {
        using NpzFile golden = NpzFile.Open(Checkout.Path("models", "lenet_golden.npz"));
        float[] expected = golden["prob"].ToArray<float>();
        long[] labels = golden["labels"].ToArray<long>();
        using NativeArray<float> data = new(golden["data"].ToArray<float>()), prob = new(new float[expected.Length]);
        using OrtSession session = OrtSession.Create(File.ReadAllBytes(Checkout.Path("models", "lenet.onnx")), new OrtSessionSettings());
        using OrtBinding binding = session.CreateBinding();
        binding.BindInput(0, data.Data, data.Bytes, OrtElementType.Float, [200, 1, 28, 28]);
        binding.BindOutput(0, prob.Data, prob.Bytes, OrtElementType.Float, [200, 10]);
        binding.Run();
        Assert.Equal(["data"], session.InputNames);
        Assert.Equal(["prob"], session.OutputNames);
        float worst = prob.Span.ToArray().Zip(expected, (actual, wanted) => Math.Abs(actual - wanted)).Max();
        Assert.True(worst < 1e-4f, $"The largest difference to PyTorch is {worst}.");
        int right = Enumerable.Range(0, 200).Count(i => prob.Span.Slice(10 * i, 10).IndexOf(prob.Span.Slice(10 * i, 10).ToArray().Max()) == labels[i]);
        Assert.True(right >= 190, $"Only {right} of 200 digits were read.");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(99)]
    public void InitializersComeFromTheCallersMemory(int level)
    {
        using NativeArray<float> w = new(2, 3), x = new(1, 1), y = new(0, 0);
        OrtSessionSettings settings = new() { OptimizationLevel = level, IntraOpThreads = 1, DeterministicCompute = true, Initializers = Only("w", w) };
        using OrtSession session = OrtSession.Create(TinyModel.Scaled(2, offset: 7), settings);
        Assert.Equal(["x"], session.InputNames);
        using OrtBinding binding = session.CreateBinding();
        binding.BindInput(0, x.Data, x.Bytes, OrtElementType.Float, [2]);
        binding.BindOutput(0, y.Data, y.Bytes, OrtElementType.Float, [2]);
        binding.Run();
        Assert.Equal([9f, 10f], y.Span.ToArray());

        // Read in place: a session with a copy would not see this change (which callers must not make).
        w.Span.Fill(50);
        binding.Run();
        Assert.Equal([57f, 57f], y.Span.ToArray());
    }

    [Fact]
    public void InitializersAreFolded()
    {
        using NativeArray<float> w = new(2, 3), x = new(1, 1), y = new(0, 0);
        byte[] model = new TinyModel().Input("x", OrtElementType.Float, 2).External("w", OrtElementType.Float, 2).Node("Neg", ["w"], ["n"]).Node("Mul", ["x", "n"], ["y"])
            .Output("y", OrtElementType.Float, 2).ToModel();
        using OrtSession session = OrtSession.Create(model, new OrtSessionSettings { IntraOpThreads = 1, Initializers = Only("w", w) });
        w.Span.Fill(50); // Too late for what was computed when the session was made.
        using OrtBinding binding = session.CreateBinding();
        binding.BindInput(0, x.Data, x.Bytes, OrtElementType.Float, [2]);
        binding.BindOutput(0, y.Data, y.Bytes, OrtElementType.Float, [2]);
        binding.Run();
        Assert.Equal([-2f, -3f], y.Span.ToArray());
    }

    [Fact]
    public void InitializersAreCheckedAgainstTheirMemory()
    {
        using NativeArray<float> w = new(2f);
        ArgumentException exception = Assert.Throws<ArgumentException>(() => OrtSession.Create(TinyModel.Scaled(2, 0), new OrtSessionSettings { Initializers = Only("w", w, 2) }));
        Assert.Contains("Initializer \"w\" of shape 2 and type Float takes 8 bytes, but was given 4", exception.Message);

        // Not given, of other names, and of other shapes than the model's.
        Assert.Contains("w", Assert.Throws<OrtException>(() => OrtSession.Create(TinyModel.Scaled(1, 0), new OrtSessionSettings())).Message);
        Assert.Contains("v", Assert.Throws<OrtException>(() => OrtSession.Create(TinyModel.Scaled(1, 0), new OrtSessionSettings { Initializers = Only("v", w) })).Message);
        Assert.Throws<OrtException>(() => OrtSession.Create(TinyModel.Scaled(2, 0), new OrtSessionSettings { Initializers = Only("w", w) }));
        Assert.Throws<OrtException>(() => OrtSession.Create(TinyModel.Scaled(1, 0), new OrtSessionSettings { Initializers = Only("b", w) }));
    }

    [Fact]
    public void DamagedModelsAreRefusedWithTheLibrarysWords()
    {
        byte[] model = TinyModel.Add(OrtElementType.Float, 4);
        OrtException damaged = Assert.Throws<OrtException>(() => OrtSession.Create(model.AsSpan(0, model.Length / 2), new OrtSessionSettings()));
        Assert.Equal(7, damaged.Code); // ORT_INVALID_PROTOBUF
        byte[] unknown = new TinyModel().Input("x", OrtElementType.Float, 1).Node("NoSuchOperator", ["x"], ["y"]).Output("y", OrtElementType.Float, 1).ToModel();
        OrtException operation = Assert.Throws<OrtException>(() => OrtSession.Create(unknown, new OrtSessionSettings()));
        Assert.Contains("could not load the model", operation.Message);
        Assert.Contains("NoSuchOperator", operation.Message);
        Assert.Throws<OrtException>(() => OrtSession.Create([], new OrtSessionSettings()));
        Assert.Throws<ArgumentOutOfRangeException>(() => OrtSession.Create(model, new OrtSessionSettings { IntraOpThreads = -1 }));
    }

    [Fact]
    public void ProfilingWritesOperatorsAndTimes()
    {
        string folder = Directory.CreateTempSubdirectory("ort-profile").FullName;
        try
        {
            OrtSessionSettings settings = new() { EnableProfiling = true, ProfilePrefix = Path.Combine(folder, "läuft"), OptimizationLevel = 0, IntraOpThreads = 1 };
            using OrtSession session = OrtSession.Create(TinyModel.Add(OrtElementType.Float, 1), settings);
            using NativeArray<float> a = new(2f);
            using OrtBinding binding = session.CreateBinding();
            binding.BindInput(0, a.Data, a.Bytes, OrtElementType.Float, [1]);
            binding.BindInput(1, a.Data, a.Bytes, OrtElementType.Float, [1]);
            binding.BindOutput(0);
            binding.Run();
            string? path = session.EndProfiling();
            Assert.NotNull(path);
            Assert.StartsWith(settings.ProfilePrefix, path);
            using JsonDocument trace = JsonDocument.Parse(File.ReadAllText(path));
            Assert.Contains(trace.RootElement.EnumerateArray(), entry => entry.GetProperty("name").GetString() == "Add_y_kernel_time" && entry.GetProperty("dur").GetInt64() >= 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void WithoutProfilingThereIsNoFile()
    {
        using OrtSession session = OrtSession.Create(TinyModel.Add(OrtElementType.Float, 1), new OrtSessionSettings());
        Assert.Null(session.EndProfiling());
    }

    private static Dictionary<string, (nint Data, long Bytes, OrtElementType Type, long[] Shape)> Only(string name, NativeArray<float> values, long? count = null) =>
        new() { [name] = (values.Data, values.Bytes, OrtElementType.Float, [count ?? values.Length]) };
}
