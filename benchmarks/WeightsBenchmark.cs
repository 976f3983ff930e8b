using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Benchmarks;

/// <summary>Opening a checkpoint of 400 MB and binding all its weights, against torch.load where a Python with PyTorch is found: a process each, in turn, the file in the system's cache.</summary>
internal static class WeightsBenchmark
{
    private const int Rounds = 7;
    private const int Repeats = 5;
    private const int Tensors = 100;
    private const int MegabytesEach = 4;

    /// <summary>Prints four numbers in one line: ms of the first load, median ms of the next, private bytes of the loaded model, ms to read all values once.</summary>
    private const string PythonProgram = """
        import sys, time, torch
        def private():
            with open('/proc/self/status') as f:
                return next((int(l.split()[1]) * 1024 for l in f if l.startswith('RssAnon')), 0)
        times = []
        before = private()
        for i in range(int(sys.argv[2]) + 1):
            model = None
            start = time.perf_counter()
            model = torch.load(sys.argv[1], map_location='cpu')
            times.append(1000 * (time.perf_counter() - start))
            if i == 0: used = private() - before
        start = time.perf_counter()
        for t in model.values(): t.sum()
        read = 1000 * (time.perf_counter() - start)
        print(times[0], sorted(times[1:])[len(times) // 2 - 1], used, read)
        """;

    /// <summary>Compares; prints the medians.</summary>
    public static int Compare()
    {
        string folder = Directory.CreateTempSubdirectory("trt-bench-").FullName;
        try
        {
            string path = Path.Combine(folder, "model.pth");
            CheckpointFile.Write(path, Tensors, MegabytesEach);
            long length = new FileInfo(path).Length;
            string? python = FindPython();
            List<double[]> ours = [];
            List<double[]> theirs = [];
            for (int i = 0; i < Rounds; i++)
            {
                ours.Add(Child(Environment.ProcessPath!, [.. Arguments(), "weights-open", path]));
                if (python is not null)
                {
                    theirs.Add(Child(python, ["-c", PythonProgram, path, Repeats.ToString(CultureInfo.InvariantCulture)]));
                }
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Tensors} tensors, {length / 1e6:0} MB; medians of {Rounds} processes"));
            Print("WeightsMap.Open + ToWeights of all", ours, length);
            if (python is null)
            {
                Console.WriteLine("No Python with PyTorch was found (python3, /usr/bin/python3, or what TRT_PYTHON names): nothing to compare with.");
                return 0;
            }

            Print("torch.load", theirs, length);
            double first = Median(ours, 0) / Median(theirs, 0);
            double next = Median(ours, 1) / Median(theirs, 1);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio: first in its process {first:0.000}, later {next:0.0000}"));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>One measurement: the four numbers of <see cref="PythonProgram"/>.</summary>
    public static int Open(string path)
    {
        long before = PrivateBytes();
        double first = Time(path, out WeightsMap map, out _);
        long used = PrivateBytes() - before;
        map.Dispose();
        List<double> next = [];
        for (int i = 0; i < Repeats; i++)
        {
            next.Add(Time(path, out map, out _));
            map.Dispose();
        }

        _ = Time(path, out map, out List<Weights> weights);
        Stopwatch watch = Stopwatch.StartNew();
        Vector<float> sums = default;
        foreach (Weights values in weights)
        {
            foreach (Vector<float> vector in MemoryMarshal.Cast<float, Vector<float>>(values.AsSpan<float>()))
            {
                sums += vector;
            }
        }

        double read = watch.Elapsed.TotalMilliseconds;
        map.Dispose();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{first} {next.Order().ElementAt(Repeats / 2)} {used} {(float.IsFinite(Vector.Sum(sums)) ? read : -1)}"));
        return 0;
    }

    private static double Time(string path, out WeightsMap map, out List<Weights> weights)
    {
        Stopwatch watch = Stopwatch.StartNew();
        map = WeightsMap.Open(path);
        weights = [];
        foreach (string name in map.Names)
        {
            weights.Add(map[name].ToWeights());
        }

        return watch.Elapsed.TotalMilliseconds;
    }

    private static void Print(string what, List<double[]> rounds, long length) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: first {Median(rounds, 0):0.0} ms, later {Median(rounds, 1):0.00} ms; private memory {Median(rounds, 2) / 1e6:0.0} MB ({100 * Median(rounds, 2) / length:0.0} % of the file); then one pass over all values {Median(rounds, 3):0} ms"));

    /// <summary>Memory of this process that no file backs.</summary>
    private static long PrivateBytes()
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
        {
            using Process process = Process.GetCurrentProcess();
            return process.PrivateMemorySize64;
        }

        string line = File.ReadLines(Status).First(line => line.StartsWith("RssAnon", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static string? FindPython()
    {
        string?[] candidates = [Environment.GetEnvironmentVariable("TRT_PYTHON"), "python3", "/usr/bin/python3", "python"];
        return candidates.OfType<string>().FirstOrDefault(candidate =>
        {
            try
            {
                using Process process = Process.Start(new ProcessStartInfo(candidate, ["-c", "import torch"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
                _ = process.StandardError.ReadToEnd();
                process.WaitForExit();
                return process.ExitCode == 0;
            }
            catch (Win32Exception)
            {
                return false;
            }
        });
    }

    private static double[] Child(string program, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string[] numbers = output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return numbers.Length == 4 ? [.. numbers.Select(number => double.Parse(number, CultureInfo.InvariantCulture))] : throw new InvalidOperationException($"{program} printed: {output}");
    }

    /// <summary>What comes before the verb when the program runs under the dotnet host.</summary>
    private static IEnumerable<string> Arguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(WeightsBenchmark).Assembly.Location] : [];

    private static double Median(List<double[]> rounds, int index) => rounds.Select(round => round[index]).Order().ElementAt(rounds.Count / 2);
}
