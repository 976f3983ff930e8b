using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Trt.Benchmarks;

/// <summary>Processor time of whole runs of the tool: its start, and looking into files of 100 MB.</summary>
internal static class ToolBenchmark
{
    private const int Bytes = 100_000_000;
    private const int Runs = 15;

    public static int Compare()
    {
        string folder = Directory.CreateTempSubdirectory("trt-tool-").FullName;
        try
        {
            string weights = Path.Combine(folder, "large.safetensors");
            using (FileStream file = File.Create(weights))
            {
                byte[] header = Encoding.UTF8.GetBytes($$$"""{"w":{"dtype":"F32","shape":[{{{Bytes / sizeof(float)}}}],"data_offsets":[0,{{{Bytes}}}]}}""");
                file.Write(BitConverter.GetBytes((long)header.Length));
                file.Write(header);
                WriteNoise(file);
            }

            Console.WriteLine($"{"command",-32} {"median",8} {"least",8} {"most",8}   ms of processor time, {Runs} runs");
            Measure("--help");
            Measure("build", "--help");
            Measure("inspect", weights);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void WriteNoise(FileStream file)
    {
        byte[] piece = new byte[1 << 20];
        for (int left = Bytes; left > 0; left -= piece.Length)
        {
            Random.Shared.NextBytes(piece);
            file.Write(piece, 0, Math.Min(left, piece.Length));
        }
    }

    private static void Measure(params string[] arguments)
    {
        double[] times = new double[Runs];
        for (int run = 0; run < Runs; run++)
        {
            ProcessStartInfo start = new("/bin/bash", ["-c", "TIMEFORMAT='%U %S'; time dotnet \"$@\" > /dev/null", "bash", Path.Combine(AppContext.BaseDirectory, "trt.dll"), .. arguments]) { RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            string[] seconds = process.StandardError.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            process.WaitForExit();
            times[run] = process.ExitCode == 0 && seconds.Length == 2
                ? 1000 * seconds.Sum(time => double.Parse(time, CultureInfo.InvariantCulture))
                : throw new InvalidOperationException($"trt {string.Join(' ', arguments)} ended with {process.ExitCode}: {string.Join(' ', seconds)}");
        }

        Array.Sort(times);
        string shown = string.Join(' ', arguments.Select(argument => Path.GetFileName(argument)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"trt " + shown,-32} {times[Runs / 2],8:0} {times[0],8:0} {times[^1],8:0}"));
    }
}
