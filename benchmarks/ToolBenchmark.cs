using System.Diagnostics;
using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace Trt.Benchmarks;

/// <summary>Processor time of whole runs of the tool: its start, and looking into files of 100 MB. As it is built here, and as it is installed, in turn.</summary>
internal static class ToolBenchmark
{
    private const int Side = 5000;
    private const int Bytes = Side * Side * sizeof(float);
    private const int Runs = 15;

    /// <summary>Compares; prints medians.</summary>
    /// <param name="installed">The program <c>trt</c> that a package installed; null for none.</param>
    public static int Compare(string? installed)
    {
        string folder = Directory.CreateTempSubdirectory("trt-tool-").FullName;
        try
        {
            string weights = Path.Combine(folder, "large.safetensors"), model = Path.Combine(folder, "large.onnx");
            WriteWeights(weights);
            WriteModel(model);
            List<(string Name, string[] Command)> programs = [("built", ["dotnet", Path.Combine(AppContext.BaseDirectory, "trt.dll")])];
            if (installed is not null)
            {
                programs.Add(("installed", [Path.GetFullPath(installed)]));
            }

            Console.WriteLine($"{"command",-30} {"",-9} {"median",8} {"least",8} {"most",8}   ms of processor time, {Runs} runs");
            Measure(programs, "--help");
            Measure(programs, "build", "--help");
            Measure(programs, "inspect", weights);
            Measure(programs, "inspect", model);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void WriteWeights(string path)
    {
        using FileStream file = File.Create(path);
        byte[] header = Encoding.UTF8.GetBytes($$$"""{"w":{"dtype":"F32","shape":[{{{Side}}},{{{Side}}}],"data_offsets":[0,{{{Bytes}}}]}}""");
        file.Write(BitConverter.GetBytes((long)header.Length));
        file.Write(header);
        file.Write(Noise());
    }

    /// <summary>A model of one node with weights of its own; the fields are those of onnx.proto.</summary>
    private static void WriteModel(string path)
    {
        byte[] weights = Message((1, Side), (1, Side), (2, 1), (8, "w"), (9, Noise()));
        byte[] graph = Message((1, Message((1, "x"), (1, "w"), (2, "y"), (4, "MatMul"))), (2, "large"), (5, weights), (11, Message((1, "x"))), (12, Message((1, "y"))));
        File.WriteAllBytes(path, Message((1, 8), (7, graph), (8, Message((2, 17)))));
    }

    private static byte[] Message(params ReadOnlySpan<(int Field, object Value)> fields)
    {
        using MemoryStream memory = new();
        using (CodedOutputStream output = new(memory, leaveOpen: true))
        {
            foreach ((int field, object value) in fields)
            {
                if (value is int number)
                {
                    output.WriteTag(field, WireFormat.WireType.Varint);
                    output.WriteInt64(number);
                }
                else
                {
                    output.WriteTag(field, WireFormat.WireType.LengthDelimited);
                    output.WriteBytes(ByteString.CopyFrom(value as byte[] ?? Encoding.UTF8.GetBytes((string)value)));
                }
            }
        }

        return memory.ToArray();
    }

    private static byte[] Noise()
    {
        byte[] bytes = new byte[Bytes];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    private static void Measure(List<(string Name, string[] Command)> programs, params string[] arguments)
    {
        double[][] times = [.. programs.Select(_ => new double[Runs])];
        for (int run = 0; run < Runs; run++)
        {
            for (int i = 0; i < programs.Count; i++)
            {
                times[i][run] = Run([.. programs[i].Command, .. arguments]);
            }
        }

        string shown = $"trt {string.Join(' ', arguments.Select(argument => Path.GetFileName(argument)))}";
        for (int i = 0; i < programs.Count; i++)
        {
            Array.Sort(times[i]);
            string ratio = i == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"   {times[i][Runs / 2] / times[0][Runs / 2]:0.00} of the built one's");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{shown,-30} {programs[i].Name,-9} {times[i][Runs / 2],8:0} {times[i][0],8:0} {times[i][^1],8:0}{ratio}"));
        }
    }

    /// <summary>Milliseconds that a process took of processors.</summary>
    private static double Run(string[] command)
    {
        ProcessStartInfo start = new("/bin/bash", ["-c", "TIMEFORMAT='%U %S'; time \"$@\" > /dev/null", "bash", .. command]) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string[] seconds = process.StandardError.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return process.ExitCode == 0 && seconds.Length == 2
            ? 1000 * seconds.Sum(time => double.Parse(time, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {string.Join(' ', seconds)}");
    }
}
