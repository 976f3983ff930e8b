using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Writes reports: a summary, and the four files of trtexec with its keys. All is valid JSON, whatever names hold.</summary>
public static class BenchmarkReportWriter
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the summary: facts, figures with confidence intervals, layers, warnings. <see cref="BenchmarkComparison.Read"/> takes it as a baseline.</summary>
    /// <param name="report">The report.</param>
    /// <param name="json">Gets one object.</param>
    /// <param name="more">Writes further members of the object.</param>
    public static void WriteSummary(BenchmarkReport report, Utf8JsonWriter json, Action<Utf8JsonWriter>? more = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteString("engine", report.Engine);
        json.WriteString("library", report.Library);
        json.WriteString("device", report.Device);
        json.WriteString("time", report.Time.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));
        WriteOptions(report, json);
        json.WriteStartArray("tensors");
        foreach (BenchmarkTensor tensor in report.Tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("mode", tensor.IsInput ? "input" : "output");
            json.WriteString("type", tensor.DataType.ToString());
            json.WriteString("format", tensor.Format.ToString());
            json.WriteStartArray("shape");
            foreach (long extent in tensor.Shape)
            {
                json.WriteNumberValue(extent);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("warmUpQueries", report.WarmUpQueries);
        json.WriteNumber("warmUpMs", report.WarmUpTime);
        json.WriteNumber("queries", report.Queries.Length);
        json.WriteNumber("wallTimeMs", report.WallTime);
        json.WriteNumber("throughput", report.Throughput);
        json.WriteNumber("totalComputeMs", report.TotalCompute);
        WriteFigure(json, "latencyMs", report.Latency);
        WriteFigure(json, "enqueueMs", report.Enqueue);
        WriteFigure(json, "h2dMs", report.Input);
        WriteFigure(json, "computeMs", report.Compute);
        WriteFigure(json, "d2hMs", report.Output);
        if (report.LayerRuns > 0)
        {
            json.WriteNumber("layerRuns", report.LayerRuns);
            json.WriteStartArray("layers");
            foreach (LayerTime layer in report.Layers)
            {
                WriteLayer(json, layer);
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("warnings");
        foreach (string warning in report.Warnings)
        {
            json.WriteStringValue(warning);
        }

        json.WriteEndArray();
        more?.Invoke(json);
        json.WriteEndObject();
    }

    /// <summary>Writes each measured query's times, as trtexec's <c>--exportTimes</c> does: milliseconds since the beginning, warm-up left out.</summary>
    /// <param name="report">The report.</param>
    /// <param name="stream">Gets an array, a query in each line.</param>
    public static void WriteTimes(BenchmarkReport report, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(report);
        using StreamWriter text = new(stream, leaveOpen: true) { NewLine = "\n" };
        for (int i = 0; i < report.Queries.Length; i++)
        {
            QueryTimes query = report.Queries[i];
            text.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(i == 0 ? "[" : ",")} {{ \"startEnqMs\": {query.EnqueueStart}, \"endEnqMs\": {query.EnqueueEnd}, \"startH2dMs\": {query.InputStart}, \"endH2dMs\": {query.InputEnd}, \"startComputeMs\": {query.ComputeStart}, \"endComputeMs\": {query.ComputeEnd}, \"startD2hMs\": {query.OutputStart}, \"endD2hMs\": {query.OutputEnd}, \"h2dMs\": {query.InputTime}, \"computeMs\": {query.ComputeTime}, \"d2hMs\": {query.OutputTime}, \"latencyMs\": {query.Latency} }}"));
        }

        text.WriteLine("]");
    }

    /// <summary>Writes the layers' times, as trtexec's <c>--exportProfile</c> does: first how many runs there were, then the layers.</summary>
    /// <param name="report">A report with layers.</param>
    /// <param name="stream">Gets an array.</param>
    public static void WriteProfile(BenchmarkReport report, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(report);
        using Utf8JsonWriter json = new(stream, Readable);
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteNumber("count", report.LayerRuns);
        json.WriteEndObject();
        foreach (LayerTime layer in report.Layers)
        {
            WriteLayer(json, layer);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the outputs of the last query, as trtexec's <c>--exportOutput</c> does: values in the order of the shape, whatever their layout. NaN and infinities, which JSON lacks, are texts.</summary>
    /// <param name="report">The report.</param>
    /// <param name="stream">Gets an array.</param>
    public static void WriteOutputs(BenchmarkReport report, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(report);
        using Utf8JsonWriter json = new(stream, Readable with { Indented = false });
        json.WriteStartArray();
        foreach (BenchmarkTensor output in report.Tensors.Where(tensor => !tensor.IsInput))
        {
            json.WriteStartObject();
            json.WriteString("name", output.Name);
            json.WriteString("dimensions", output.Shape.NbDims == 0 ? "scalar" : string.Join('x', output.Shape.ToArray()));
            json.WriteStartArray("values");
            for (long i = 0; i < output.Count; i++)
            {
                if (output.DataType == DataType.Int64 || double.IsFinite(output.Value(i)))
                {
                    json.WriteRawValue(output.Text(i), skipInputValidation: true);
                }
                else
                {
                    json.WriteStringValue(output.Text(i));
                }

                if (json.BytesPending > 1 << 16)
                {
                    json.Flush();
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteOptions(BenchmarkReport report, Utf8JsonWriter json)
    {
        BenchmarkOptions options = report.Options;
        json.WriteStartObject("options");
        json.WriteNumber("iterations", options.Iterations);
        json.WriteNumber("warmUpMs", options.WarmUp.TotalMilliseconds);
        json.WriteNumber("durationS", options.Duration?.TotalSeconds ?? -1);
        json.WriteNumber("sleepTimeMs", options.SleepTime.TotalMilliseconds);
        json.WriteNumber("idleTimeMs", options.IdleTime.TotalMilliseconds);
        json.WriteNumber("streams", options.Streams);
        json.WriteBoolean("threads", options.UseThreads);
        json.WriteBoolean("dataTransfers", options.TransferData);
        json.WriteBoolean("exposeDMA", options.ExposeTransfers);
        json.WriteBoolean("managedMemory", options.UseManagedMemory);
        json.WriteBoolean("spinWait", options.SpinWait);
        json.WriteBoolean("cudaGraphs", options.UseCudaGraphs);
        json.WriteBoolean("cudaGraphsUsed", report.UsedCudaGraphs);
        json.WriteNumber("profile", options.Profile);
        json.WriteString("allocationStrategy", options.AllocationStrategy.ToString());
        json.WriteNumber("persistentCacheRatio", options.PersistentCacheRatio);
        json.WriteNumber("seed", options.Seed);
        json.WriteEndObject();
    }

    private static void WriteFigure(Utf8JsonWriter json, string name, TimeStatistics? figure)
    {
        if (figure is null)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("min", figure.Min);
        json.WriteNumber("max", figure.Max);
        json.WriteNumber("mean", figure.Mean);
        json.WriteNumber("median", figure.Median);
        json.WriteNumber("standardDeviation", figure.StandardDeviation);
        json.WriteNumber("variation", figure.Variation);
        json.WriteStartObject("percentiles");
        foreach ((double percent, double value) in figure.Percentiles)
        {
            json.WriteNumber(percent.ToString(CultureInfo.InvariantCulture), value);
        }

        json.WriteEndObject();
        WriteInterval(json, "meanInterval95", figure.MeanInterval);
        WriteInterval(json, "medianInterval95", figure.MedianInterval);
        if (figure.MeanError is { } error)
        {
            json.WriteNumber("meanStandardError", error);
            json.WriteNumber("degreesOfFreedom", figure.DegreesOfFreedom);
        }

        json.WriteEndObject();
    }

    private static void WriteInterval(Utf8JsonWriter json, string name, Interval? interval)
    {
        if (interval is { } known)
        {
            json.WriteStartArray(name);
            json.WriteNumberValue(known.Low);
            json.WriteNumberValue(known.High);
            json.WriteEndArray();
        }
    }

    private static void WriteLayer(Utf8JsonWriter json, LayerTime layer)
    {
        json.WriteStartObject();
        json.WriteString("name", layer.Name);
        json.WriteNumber("timeMs", layer.Total);
        json.WriteNumber("averageMs", layer.Mean);
        json.WriteNumber("medianMs", layer.Median);
        json.WriteNumber("percentage", layer.Share * 100);
        json.WriteEndObject();
    }
}
