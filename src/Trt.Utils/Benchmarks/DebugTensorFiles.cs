using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Writes the debug tensors of a run to files, with trtexec's names and forms. Set it on a context as its debug listener, run, then call <see cref="Finish"/>.</summary>
/// <param name="device">Where the context runs.</param>
public sealed class DebugTensorFiles(Device device) : IDebugListener
{
    private const int LongestName = 150;

    private readonly List<(string Name, string Shape, string Type, string Statistics, List<string> Files)> seen = [];
    private ExceptionDispatchInfo? failure;

    /// <summary>Files for tensors by name: they get the bare bytes.</summary>
    public IReadOnlyDictionary<string, string> Named { get; init; } = new Dictionary<string, string>();

    /// <summary>Forms in which all tensors are written, numbered in their order.</summary>
    public DebugTensorForms Forms { get; init; }

    /// <summary>Where the numbered files and the summary go.</summary>
    public string Folder { get; init; } = ".";

    /// <summary>How many tensors have come.</summary>
    public int Count => seen.Count;

    /// <summary>Files for which no tensor has come.</summary>
    public IEnumerable<string> NotSeen => Named.Keys.Where(name => !seen.Exists(tensor => tensor.Name == name));

    /// <summary>A file's name without what files cannot be called, cut in the middle when it is long.</summary>
    /// <param name="name">What is wanted.</param>
    public static string FileName(string name)
    {
        name = string.Concat((name ?? "").Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ',' ? c : '_')).TrimStart('.');
        return name.Length <= LongestName ? name : $"{name[..((LongestName / 2) - 2)]}...{name[^((LongestName / 2) - 1)..]}";
    }

    /// <inheritdoc/>
    public unsafe bool ProcessDebugTensor(nint addr, TensorLocation location, DataType type, Dims shape, string name, nint stream)
    {
        try
        {
            byte[] bytes = new byte[ElementTypes.Bytes(type, shape.Volume)];
            fixed (byte* target = bytes)
            {
                if (location == TensorLocation.Host || device.IsHost)
                {
                    new ReadOnlySpan<byte>((void*)addr, bytes.Length).CopyTo(bytes);
                }
                else if (bytes.Length > 0)
                {
                    device.Api.Memory.CopyToHostAsync(device.Ordinal, (nint)target, addr, (nuint)bytes.Length, stream);
                    device.Api.Streams.Synchronize(device.Ordinal, stream);
                }
            }

            Write(new BenchmarkTensor(name, type, shape, bytes));
            return true;
        }
        catch (Exception error)
        {
            // Nothing may be thrown through the library; Finish tells it.
            failure ??= ExceptionDispatchInfo.Capture(error);
            return false;
        }
    }

    /// <summary>Writes the summary, if it is wanted, and throws what went wrong during the run.</summary>
    /// <param name="engine">What the summary calls the engine.</param>
    /// <param name="command">The command line that it names.</param>
    public void Finish(string engine, string command)
    {
        failure?.Throw();
        if (!Forms.HasFlag(DebugTensorForms.Summary))
        {
            return;
        }

        Directory.CreateDirectory(Folder);
        using FileStream stream = File.Create(Path.Combine(Folder, "tensor_summary.json"));
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteString("title", "Debug tensors");
        json.WriteString("time", DateTimeOffset.Now.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));
        json.WriteString("engine", engine);
        json.WriteString("command", command);
        json.WriteEndObject();
        json.WriteStartArray("tensors");
        foreach ((string name, string shape, string type, string statistics, List<string> files) in seen)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("shape", shape);
            json.WriteString("type", type);
            json.WritePropertyName("statistics");
            json.WriteRawValue(statistics);
            json.WriteStartArray("files");
            files.ForEach(json.WriteStringValue);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Statistics(BenchmarkTensor tensor)
    {
        double min = double.PositiveInfinity, max = double.NegativeInfinity, sum = 0;
        for (long i = 0; i < tensor.Count; i++)
        {
            double value = tensor.Value(i);
            min = Math.Min(min, value);
            max = Math.Max(max, value);
            sum += value;
        }

        using MemoryStream memory = new();
        using (Utf8JsonWriter json = new(memory))
        {
            json.WriteStartObject();
            if (tensor.Count > 0)
            {
                Number("min", min);
                Number("max", max);
                Number("avg", sum / tensor.Count);
            }

            Values("first", 0, Math.Min(tensor.Count, 5));
            Values("last", Math.Max(tensor.Count - 5, 0), tensor.Count);
            json.WriteEndObject();

            void Number(string name, double value)
            {
                if (double.IsFinite(value))
                {
                    json.WriteNumber(name, value);
                }
                else
                {
                    json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
                }
            }

            void Values(string name, long from, long to)
            {
                json.WriteStartArray(name);
                for (long i = from; i < to; i++)
                {
                    json.WriteStringValue(tensor.Text(i));
                }

                json.WriteEndArray();
            }
        }

        return Encoding.UTF8.GetString(memory.ToArray());
    }

    /// <summary>As a tensor of a type that NumPy has, and what that adds to the file's name.</summary>
    private static (TorchTensor Tensor, string Suffix) ForNumPy(BenchmarkTensor tensor)
    {
        TorchDType? type = tensor.DataType switch
        {
            DataType.Float => TorchDType.Float32,
            DataType.Half => TorchDType.Float16,
            DataType.Int64 => TorchDType.Int64,
            DataType.Int32 => TorchDType.Int32,
            DataType.Int8 => TorchDType.Int8,
            DataType.UInt8 => TorchDType.UInt8,
            DataType.Bool => TorchDType.Bool,
            _ => null,
        };
        long[] shape = tensor.Shape.ToArray();
        if (type is { } same)
        {
            return (TorchTensor.FromBytes(tensor.Bytes.ToArray(), same, shape), "");
        }

        if (tensor.DataType == DataType.Int4)
        {
            sbyte[] small = new sbyte[tensor.Count];
            for (long i = 0; i < small.Length; i++)
            {
                small[i] = (sbyte)tensor.Value(i);
            }

            return (TorchTensor.FromArray(small, shape), "_to_int8");
        }

        float[] values = new float[tensor.Count];
        for (long i = 0; i < values.Length; i++)
        {
            values[i] = (float)tensor.Value(i);
        }

        return (TorchTensor.FromArray(values, shape), "_to_float");
    }

    private void Write(BenchmarkTensor tensor)
    {
        List<string> files = [];
        if (Named.TryGetValue(tensor.Name, out string? named))
        {
            File.WriteAllBytes(named, tensor.Bytes.Span);
            files.Add(named);
        }

        if (Forms != DebugTensorForms.None)
        {
            Directory.CreateDirectory(Folder);
        }

        string start = FileName(string.Create(CultureInfo.InvariantCulture, $"{seen.Count:0000}_{tensor.Name}"));
        if (Forms.HasFlag(DebugTensorForms.Raw))
        {
            File.WriteAllBytes(At(start + ".raw"), tensor.Bytes.Span);
        }

        if (Forms.HasFlag(DebugTensorForms.NumPy))
        {
            (TorchTensor array, string suffix) = ForNumPy(tensor);
            using FileStream stream = File.Create(At($"{start}{suffix}.npy"));
            NpzWriter.WriteArray(stream, array);
        }

        if (Forms.HasFlag(DebugTensorForms.Text))
        {
            using StreamWriter text = new(At(start + ".str")) { NewLine = "\n" };
            text.WriteLine($"{tensor.Name} {tensor.DataType} {ShapeText.Of(tensor.Shape)}");
            long row = tensor.Shape.NbDims == 0 ? 1 : Math.Max(tensor.Shape[tensor.Shape.NbDims - 1], 1);
            for (long i = 0; i < tensor.Count; i++)
            {
                text.Write(tensor.Text(i));
                text.Write((i + 1) % row == 0 ? "\n" : " ");
            }
        }

        seen.Add((tensor.Name, ShapeText.Of(tensor.Shape), tensor.DataType.ToString(), Forms.HasFlag(DebugTensorForms.Summary) ? Statistics(tensor) : "", files));

        string At(string file)
        {
            files.Add(file);
            return Path.Combine(Folder, file);
        }
    }
}
