using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.OnnxRuntime;

public partial class OrtEnvironmentTests
{
    [Fact]
    public void OneEnvironmentForAllThreads()
    {
        ConcurrentBag<OrtEnvironment> seen = [];
        Parallel.For(0, 16, _ => seen.Add(OrtEnvironment.Instance));
        OrtEnvironment one = Assert.Single(seen.Distinct());
        Version version = Version.Parse(one.Version);
        Assert.True(version >= new Version(1, OrtEnvironment.OldestApi), one.Version);
        Assert.Equal(Math.Min(version.Minor, (int)Trt.Cpu.OnnxRuntime.Native.OrtApi.Version), one.ApiVersion);
        Assert.Contains("onnxruntime", Path.GetFileName(one.LibraryPath));
    }

    [Fact]
    public void MessagesReachTheLog()
    {
        ConcurrentQueue<(int Severity, string Text)> lines = new();
        Action<int, string>? before = OrtEnvironment.Log;
        OrtEnvironment.Log = (severity, text) =>
        {
            lines.Enqueue((severity, text));
            throw new InvalidOperationException("A log that throws must not take the process down.");
        };
        try
        {
            // A kernel that fails is logged as an error, beside what the call returns.
            using OrtSession session = OrtSession.Create(
                new TinyModel().Input("x", OrtElementType.Float, "n").Input("i", OrtElementType.Int64, 1).Node("Gather", ["x", "i"], ["y"]).Output("y", OrtElementType.Float, 1).ToModel(),
                new OrtSessionSettings());
            using NativeArray<float> x = new(1, 2);
            using NativeArray<long> i = new(99);
            using OrtBinding binding = session.CreateBinding();
            binding.BindInput(0, x.Data, x.Bytes, OrtElementType.Float, [2]);
            binding.BindInput(1, i.Data, i.Bytes, OrtElementType.Int64, [1]);
            binding.BindOutput(0);
            Assert.Contains("out of", Assert.Throws<OrtException>(binding.Run).Message);
        }
        finally
        {
            OrtEnvironment.Log = before;
        }

        Assert.Contains(lines, line => line.Severity == 3 && line.Text.Contains("Gather", StringComparison.Ordinal));
    }

    /// <summary>Version 17 of the table ends with slot 275 (SessionOptionsAppendExecutionProvider_OpenVINO_V2); what lies behind must not be called in an older library.</summary>
    [Fact]
    public void OnlyFunctionsOfTheOldestApiAreCalled()
    {
        string table = File.ReadAllText(Checkout.Path("bindings", "generated", "onnxruntime", "OrtApi.cs"));
        Dictionary<string, int> slots = Slot().Matches(table).ToDictionary(match => match.Groups["name"].Value, match => int.Parse(match.Groups["slot"].Value));
        Assert.Equal(275, slots["SessionOptionsAppendExecutionProvider_OpenVINO_V2"]);
        string[] used = [.. Directory.EnumerateFiles(Checkout.Path("src", "Trt.Cpu"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Call().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["name"].Value).Distinct().Where(slots.ContainsKey)];
        Assert.Contains("RunWithBinding", used);
        Assert.Contains("SetDeterministicCompute", used);

        // The last one is called only after asking for the table's version.
        Assert.All(used.Except(["TensorTypeAndShape_HasShape"]), name => Assert.InRange(slots[name], 0, 275));
    }

    [SkippableFact]
    public void ALibraryThatIsNotOnnxRuntimeIsNamed()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "A library that every machine has is named for Linux only.");
        TensorRtNotFoundException exception = Assert.Throws<TensorRtNotFoundException>(() => OrtEnvironment.Load(new OrtLibraryPlaces(LibcPath(), AppContext.BaseDirectory)));
        Assert.Contains("does not export OrtGetApiBase", exception.Message);
    }

    private static string LibcPath() => File.ReadLines("/proc/self/maps").Select(line => line[(line.LastIndexOf(' ') + 1)..]).First(path => Path.GetFileName(path).StartsWith("libc.", StringComparison.Ordinal) || Path.GetFileName(path).StartsWith("ld-musl", StringComparison.Ordinal));

    [GeneratedRegex(@"// slot (?<slot>\d+): [^(]*?(?<name>\w+)\(")]
    private static partial Regex Slot();

    [GeneratedRegex(@"\b[aA]pi\.(?<name>\w+)\(")]
    private static partial Regex Call();
}
