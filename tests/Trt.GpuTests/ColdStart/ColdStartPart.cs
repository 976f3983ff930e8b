using System.Diagnostics;
using System.Globalization;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>From the start of a process to its first result out of a cached plan, against Python that does less: torch for memory, the library loaded, the plan read.</summary>
internal sealed class ColdStartPart(PartContext part)
{
    private const int Times = 7;

    /// <summary>Importing torch takes seconds, and differs little.</summary>
    private const int PythonTimes = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static void Run(PartContext part)
    {
        ColdStartPart cold = new(part);
        if (part.Device.IsHost)
        {
            cold.Rehearse();
            return;
        }

        string library = part.Files.Lean(8);
        foreach ((string plan, string name) in (ReadOnlySpan<(string, string)>)[("lenet.vc_excl", "LeNet"), ("shapes_retinanet.vc_excl", "the detector")])
        {
            cold.Compare(name, library, Path.Combine(part.Files.Plans, plan + ".plan"), part.Files.Inputs(plan, 1).Values.Single().Bytes, First(plan));
        }

        // The first value that 8.6.0 gave of the first output.
        float First(string plan)
        {
            using NpzFile answers = part.Files.Answers(plan);
            string set = answers.Keys.Any(key => key.StartsWith("set1.", StringComparison.Ordinal)) ? "set1" : "set0";
            return answers[answers.Keys.Where(key => key.StartsWith(set + ".", StringComparison.Ordinal)).Order(StringComparer.Ordinal).First()].ToFloat32()[0];
        }
    }

    private void Compare(string name, string library, string plan, byte[] input, float expected) => part.Checks.That($"{name}: from the start of a process to the first result, against Python", () =>
    {
        string values = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(values, input);
            (double ours, string words, string result) = Median(() => Verbs.Start("coldstart", library, plan, values), Times);
            part.Checks.Note($"ours: {words}");
            part.Checks.Measure("start to first result", ours, "ms");
            (double theirs, string theirWords, _) = Median(() => Python(library, plan), PythonTimes);
            part.Checks.Note($"Python: {theirWords}");
            part.Checks.Measure("Python, without the run", theirs, "ms");
            part.Checks.Measure("ours by Python's", ours / theirs, "x", 0.5);
            float first = float.Parse(result.Split(' ')[1], CultureInfo.InvariantCulture);
            return first.Equals(expected) ? null : $"the first value is {first}, expected {expected}";
        }
        finally
        {
            File.Delete(values);
        }
    });

    /// <summary>On the CPU runtime: that the child works and says where its time went.</summary>
    private void Rehearse() => part.Checks.That("LeNet on the CPU runtime: from the start of a process to the first result", () =>
    {
        Trt.Cpu.CpuRuntime.Register();
        string folder = Directory.CreateTempSubdirectory("trt-cold-").FullName;
        try
        {
            EngineBuilder builder = new(Interop.TensorRt.Load(new Interop.TensorRtOptions { Flavour = Interop.Flavour.Cpu }), part.Checks.Logger());
            EngineFile plan = builder.BuildToFile(part.Files.Find("lenet.onnx"), Path.Combine(folder, "lenet.plan"), new BuildOptions { Profiles = [new ShapeProfile { ["data"] = new ShapeRange([1, 1, 28, 28], [1, 1, 28, 28], [1, 1, 28, 28]) }] });
            using NpzFile golden = NpzFile.Open(part.Files.Find("lenet_golden.npz"));
            string values = Path.Combine(folder, "values");
            File.WriteAllBytes(values, golden["data"].Bytes[..(784 * 4)].ToArray());
            (double ours, string words, string result) = Median(() => Verbs.Start("coldstart", "cpu", plan.Path, values), Times);
            part.Checks.Note(words);
            part.Checks.Measure("start to first result", ours, "ms");
            float first = float.Parse(result.Split(' ')[1], CultureInfo.InvariantCulture);
            return Math.Abs(first - golden["prob"].ToFloat32()[0]) < 1e-3 ? null : $"the first value is {first}";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    });

    private static ProcessStartInfo Python(string library, string plan) =>
        new("python3", [Path.Combine(AppContext.BaseDirectory, "python", "cold_start.py"), library, plan]) { RedirectStandardOutput = true, RedirectStandardError = true };

    /// <summary>The median of some starts after one that warms the page cache, in milliseconds until the result's line; the words and the result of the last.</summary>
    private static (double Milliseconds, string Words, string Result) Median(Func<ProcessStartInfo> make, int count)
    {
        List<double> times = [];
        string words = string.Empty, result = string.Empty;
        for (int i = -1; i < count; i++)
        {
            ProcessStartInfo start = make();
            long begun = Stopwatch.GetTimestamp();
            using Process process = Start(start);
            Task<string> error = process.StandardError.ReadToEndAsync();
            string? line = process.StandardOutput.ReadLine();
            double taken = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            words = process.StandardOutput.ReadToEnd().Trim();
            if (!process.WaitForExit(Limit) || line is null || !line.StartsWith(ColdStart.Result, StringComparison.Ordinal))
            {
                process.Kill(entireProcessTree: true);
                string wrong = $"{line} {words} {error.Result}".Trim();
                throw wrong.Contains("No module named", StringComparison.Ordinal) ? new MissingException($"Python lacks a module: {wrong}") : new InvalidOperationException($"{start.FileName} gave no result: {wrong}");
            }

            result = line;
            if (i >= 0)
            {
                times.Add(taken);
            }
        }

        return (times.Order().ElementAt(times.Count / 2), words, result);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new MissingException($"there is no {start.FileName} here");
        }
    }
}
