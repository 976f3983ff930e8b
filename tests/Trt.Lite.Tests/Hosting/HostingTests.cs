using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Trt.Interop;
using HealthStatus = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus;

namespace Trt.Lite.Tests.Hosting;

/// <summary>Engines as services: options, logging, health, metrics and traces.</summary>
public class HostingTests
{
    [Fact]
    public async Task An_engine_is_a_service()
    {
        ServiceCollection services = new();
        services.AddTrtEngine(ModelFiles.Find("lenet.onnx"), o => o.Postprocess("prob", Post.Argmax));
        services.Configure<EngineOptions>(o => (o.Library, o.MaxBatch) = (Rig.Library, 5));
        Engine engine;
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            engine = provider.GetRequiredService<Engine>();
            Assert.Same(engine, provider.GetRequiredService<Engine>());
            Assert.Equal(5, engine.MaxBatch);
            Assert.Equal(4, engine.Infer<int>(Checkout.Path("models", "digits10", "4.pgm")));
        }

        Assert.Throws<ObjectDisposedException>(() => engine.Infer<int>(Checkout.Path("models", "digits10", "4.pgm")));
    }

    [Fact]
    public void Several_engines_have_keys()
    {
        ServiceCollection services = new();
        services.AddKeyedTrtEngine("digits", ModelFiles.Find("lenet.onnx"), OnCpu);
        services.AddKeyedTrtEngine("shapes", ModelFiles.Find("unet.onnx"), o =>
        {
            OnCpu(o);
            o.InputNodes["image"] = [3, 64, 64];
        });
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal("prob", provider.GetRequiredKeyedService<Engine>("digits").Outputs[0].Name);
        Assert.Equal("shapes", provider.GetRequiredKeyedService<Engine>("shapes").Name);
        Assert.Null(provider.GetService<Engine>());
    }

    [Fact]
    public void Options_without_a_model_are_refused_when_the_engine_is_asked_for()
    {
        ServiceCollection services = new();
        services.AddKeyedTrtEngine("digits");
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal("No model is named for the engine \"digits\": set EngineOptions.Path or EngineOptions.Network.", Assert.Throws<OptionsValidationException>(() => provider.GetRequiredKeyedService<Engine>("digits")).Message);
    }

    [Fact]
    public void Messages_of_the_library_go_to_the_logging()
    {
        Lines lines = new();
        ServiceCollection services = new();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(lines));
        services.AddTrtEngine(ModelFiles.Find("lenet.onnx"), OnCpu);
        using (ServiceProvider provider = services.BuildServiceProvider())
        {
            provider.GetRequiredService<Engine>();
        }

        Assert.Contains(lines.All, line => line.Category == "Trt.Lite.Engine" && line.Level <= LogLevel.Information);
        LoggingAdapter adapter = new(lines.CreateLogger("x"));
        adapter.Log(Severity.InternalError, "a {b}");
        adapter.Log(Severity.Error, "c");
        adapter.Log(Severity.Warning, "d");
        adapter.Log(Severity.Info, "e");
        adapter.Log(Severity.Verbose, "f");
        Assert.Equal(
            [(LogLevel.Critical, "a {b}"), (LogLevel.Error, "c"), (LogLevel.Warning, "d"), (LogLevel.Information, "e"), (LogLevel.Debug, "f")],
            lines.All.Where(line => line.Category == "x").Select(line => (line.Level, line.Text)));
    }

    [Fact]
    public async Task A_health_check_runs_the_engine()
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddTrtEngine(ModelFiles.Find("lenet.onnx"), OnCpu);
        services.AddKeyedTrtEngine("none", "no/such.onnx", OnCpu);
        services.AddHealthChecks().AddTrtEngine().AddTrtEngine(name: "slow", slow: TimeSpan.Zero).AddTrtEngine("none").AddTrtEngine("none", "tolerated", failureStatus: HealthStatus.Degraded);
        await using ServiceProvider provider = services.BuildServiceProvider();
        HealthReport report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(HealthStatus.Healthy, report.Entries["trt"].Status);
        Assert.Equal("lenet.onnx runs.", report.Entries["trt"].Description);
        Assert.IsType<double>(report.Entries["trt"].Data["probeMilliseconds"]);
        Assert.Equal(HealthStatus.Degraded, report.Entries["slow"].Status);
        Assert.Equal((HealthStatus.Unhealthy, "There is no model no/such.onnx."), (report.Entries["trt-none"].Status, report.Entries["trt-none"].Description));
        Assert.Equal(HealthStatus.Degraded, report.Entries["tolerated"].Status);
        Assert.Equal(0, provider.GetRequiredService<Engine>().Report.Runs);
    }

    [Fact]
    public async Task Stages_samples_and_failures_are_measured()
    {
        ConcurrentQueue<(string Instrument, double Value, string Tags)> measured = new();
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == LiteTelemetry.MeterName)
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Enqueue((instrument.Name, value, Text(tags))));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Enqueue((instrument.Name, value, Text(tags))));
        listener.Start();

        await using Engine engine = Rig.Doubles([-1, 1], o => o.Name = "measured");
        engine.Infer<float[]>(new float[3, 1]);
        await foreach (SampleResult<float> result in engine.PipelineAsync<float[], float>([new float[1], new float[2]]))
        {
            Assert.Equal(result.Index == 0, result.IsSuccess);
        }

        (string Instrument, double Value, string Tags)[] own = [.. measured.Where(item => item.Tags.StartsWith("trt.engine=measured", StringComparison.Ordinal))];
        Assert.Equal(4, own.Where(item => item.Instrument == "trt.lite.samples").Sum(item => item.Value));
        Assert.Equal(1, own.Where(item => item.Instrument == "trt.lite.sample.failures").Sum(item => item.Value));
        Assert.All(Enum.GetNames<Stage>(), stage => Assert.Contains(own, item => item.Instrument == "trt.lite.stage.duration" && item.Value > 0 && item.Tags == $"trt.engine=measured;trt.stage={stage}"));

        static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(';', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
    }

    [Fact]
    public async Task Opening_calls_and_batches_are_traced()
    {
        ConcurrentQueue<(string Name, object? Engine, object? Samples)> traced = new();
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == LiteTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => traced.Enqueue((activity.OperationName, activity.GetTagItem("trt.engine"), activity.GetTagItem("trt.samples"))),
        };
        ActivitySource.AddActivityListener(listener);
        await using Engine engine = new(ModelFiles.Find("lenet.onnx"), o =>
        {
            OnCpu(o);
            o.Name = "traced";
        });
        engine.Infer<float[]>(new float[784]);
        await foreach (SampleResult<float[]> _ in engine.PipelineAsync<float[], float[]>([new float[784]]))
        {
        }

        Assert.Equal([("trt.open", "traced", null), ("trt.infer", "traced", null), ("trt.batch", "traced", 1)], traced.Where(item => (string?)item.Engine == "traced").Select(item => (item.Name, (string?)item.Engine, item.Samples)));
    }

    private static void OnCpu(EngineOptions options) => options.Library = Rig.Library;

    private sealed class Lines : ILoggerProvider
    {
        public ConcurrentQueue<(string Category, LogLevel Level, string Text)> All { get; } = new();

        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => new Logger(categoryName, All);

        public void Dispose()
        {
        }

        private sealed class Logger(string category, ConcurrentQueue<(string Category, LogLevel Level, string Text)> all) : Microsoft.Extensions.Logging.ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => all.Enqueue((category, logLevel, formatter(state, exception)));
        }
    }
}
