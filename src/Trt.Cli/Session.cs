using System.CommandLine;
using System.Text;
using System.Text.Json;
using Trt.Cli.Options;
using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>One run of the tool: where its texts go, which library it takes, and when it is to end.</summary>
internal sealed class Session : IDisposable
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };

    private readonly CancellationTokenSource cancellation;
    private ParseResult? parsed;
    private Screen? screen;

    public Session(TextWriter output, TextWriter error, CancellationToken outer)
    {
        Output = output;
        Error = error;
        cancellation = CancellationTokenSource.CreateLinkedTokenSource(outer);
        Console.CancelKeyPress += OnCancelKey;
    }

    /// <summary>Results only, so that they can be piped.</summary>
    public TextWriter Output { get; }

    /// <summary>Errors, warnings and progress.</summary>
    public TextWriter Error { get; }

    /// <summary>Cancelled by Ctrl-C; the second Ctrl-C ends the process.</summary>
    public CancellationToken Cancellation => cancellation.Token;

    /// <summary>Whether the result is to be a JSON document.</summary>
    public bool Json => parsed?.GetValue(CommonOptions.Json) ?? false;

    public bool Verbose => parsed?.GetValue(CommonOptions.Verbose) ?? false;

    /// <summary>Tables, trees and colours.</summary>
    public Screen Screen => screen ??= new Screen(Output, parsed?.GetValue(CommonOptions.NoColour) ?? false);

    /// <summary>Hears the library: warnings and errors, or everything when asked.</summary>
    public ILogger Logger => new DelegateLogger((severity, text) =>
    {
        if (Verbose || severity <= Severity.Warning)
        {
            lock (Error)
            {
                Error.WriteLine($"[{severity}] {text}");
            }
        }
    });

    /// <summary>Shows a build's phases: a bar on a terminal, lines when asked for, else nothing.</summary>
    public IProgress<BuildProgress>? Progress => ReferenceEquals(Error, Console.Error) && !Console.IsErrorRedirected ? new ConsoleBuildProgress()
        : Verbose ? new ConsoleBuildProgress(Error, isTerminal: false)
        : null;

    public void Use(ParseResult result) => parsed = result;

    /// <summary>Loads the library that an option names.</summary>
    /// <param name="choice">The value of <see cref="CommonOptions.Library"/>.</param>
    /// <param name="model">What it is to run: where no library is named, a plan's head says which flavour it needs.</param>
    public TensorRtLibrary Library(string? choice, string? model = null)
    {
        CpuRuntime.Register();
        return choice switch
        {
            null when parsed is not null && RuntimeOptions.Flavour(parsed) is { } flavour and not Flavour.TensorRT => TensorRt.Load(new TensorRtOptions { Flavour = flavour }),
            null => TensorRt.Load(new TensorRtOptions
            {
                Flavour = model is null || !File.Exists(model) ? null : PlanHead.Read(model).Format switch { PlanFormat.Cpu => Flavour.Cpu, PlanFormat.TensorRTRtx => Flavour.TensorRTRtx, _ => null },
            }),
            "cpu" => TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu }),
            _ => TensorRt.Load(choice),
        };
    }

    /// <summary>Writes a JSON document to the results.</summary>
    public void WriteJson(Action<Utf8JsonWriter> write)
    {
        using MemoryStream memory = new();
        using (Utf8JsonWriter writer = new(memory, Indented))
        {
            write(writer);
        }

        Output.WriteLine(Encoding.UTF8.GetString(memory.ToArray()));
    }

    /// <summary>Says why a command could not be carried out.</summary>
    public int Fail(Exception exception)
    {
        switch (exception)
        {
            case OperationCanceledException when Cancellation.IsCancellationRequested:
                Error.WriteLine("trt: cancelled.");
                return ExitCode.Cancelled;
            case BuildRefusedException refused:
                foreach (string reason in refused.Reasons)
                {
                    Say(OptionWords.Translate(reason, parsed));
                }

                return ExitCode.Failure;
            case UserError error:
                Say(error.Message);
                return error.ExitCode;
            case FormatException or IOException or UnauthorizedAccessException or TensorRtException or TensorRtNotFoundException or NotInThisReleaseException
                or NotSupportedException or DllNotFoundException or ArgumentException or KeyNotFoundException or InvalidOperationException or OnnxParseException
                or EngineFileException or MissingWeightsException or OnnxCheckException or OnnxRuntimeException or InvalidDataException or Lite.SampleException or Interop.Cuda.CudaException:
                Say(exception.Message);
                if (Verbose)
                {
                    Error.WriteLine(exception);
                }

                return ExitCode.Failure;
            default:
                Say($"an error of this program: {exception.Message} ({exception.GetType().Name}). {(Verbose ? exception.ToString() : "--verbose shows where.")}");
                return ExitCode.Failure;
        }
    }

    public void Dispose()
    {
        Console.CancelKeyPress -= OnCancelKey;
        cancellation.Dispose();
    }

    private void Say(string message)
    {
        Error.WriteLine($"trt: {message}");
    }

    private void OnCancelKey(object? sender, ConsoleCancelEventArgs arguments)
    {
        if (!cancellation.IsCancellationRequested)
        {
            arguments.Cancel = true;
            cancellation.Cancel();
        }
    }
}
