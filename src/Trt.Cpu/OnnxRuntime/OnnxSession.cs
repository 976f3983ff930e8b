using Trt.Interop;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>ONNX Runtime behind <see cref="IOnnxSession"/>.</summary>
internal sealed class OnnxSession : IOnnxSession
{
    private readonly OrtSession session;
    private readonly IReadOnlyDictionary<string, OnnxTensor>? initializers;

    private OnnxSession(OrtSession session, IReadOnlyDictionary<string, OnnxTensor>? initializers)
    {
        this.session = session;
        this.initializers = initializers;
        Inputs = [.. session.InputNames.Select((name, i) => OrtTypeReader.Input(session, i, name))];
        Outputs = [.. session.OutputNames.Select((name, i) => OrtTypeReader.Output(session, i, name))];
    }

    public IReadOnlyList<OnnxValueInfo> Inputs { get; }

    public IReadOnlyList<OnnxValueInfo> Outputs { get; }

    public static OnnxSession Open(ReadOnlySpan<byte> model, OnnxSessionOptions options)
    {
        ExternalDataCheck.Check(model, options);
        OrtSessionSettings settings = new()
        {
            OptimizationLevel = (int)options.OptimizationLevel,
            IntraOpThreads = options.IntraOpThreads,
            InterOpThreads = options.InterOpThreads,
            DeterministicCompute = options.DeterministicCompute,
            ExternalDataFolder = options.ExternalDataFolder,
            Initializers = options.Initializers?.ToDictionary(pair => pair.Key, pair => (pair.Value.Pointer, pair.Value.ByteCount, pair.Value.ElementType.ToOrt(), pair.Value.Dims.ToArray()), StringComparer.Ordinal),

            // Without a receiver of its own a session's warnings would go to that of the environment, which belongs to engines.
            Log = options.Log is { } log ? (severity, text) => log(severity >= 3 ? Severity.Error : Severity.Warning, text) : (_, _) => { },
        };
        OrtSession session = OrtSession.Create(model, settings);
        try
        {
            return new OnnxSession(session, options.Initializers);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public IReadOnlyDictionary<string, OnnxTensor> Run(IReadOnlyDictionary<string, OnnxTensor> inputs, IReadOnlyCollection<string>? outputs = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (Inputs.FirstOrDefault(input => !inputs.ContainsKey(input.Name)) is { } missing)
        {
            throw new ArgumentException($"The model's input {missing} was not given.", nameof(inputs));
        }

        foreach (string name in inputs.Keys.Where(name => Inputs.All(input => input.Name != name)))
        {
            throw new ArgumentException($"The model has no input \"{name}\"; its inputs are {List(Inputs)}.", nameof(inputs));
        }

        string[] wanted = outputs is null ? [.. Outputs.Select(output => output.Name)] : [.. outputs.Distinct(StringComparer.Ordinal)];
        foreach (string name in wanted)
        {
            OnnxValueInfo output = Outputs.FirstOrDefault(output => output.Name == name) ?? throw new ArgumentException($"The model has no output \"{name}\"; its outputs are {List(Outputs)}.", nameof(outputs));
            if (output.Kind is not (OnnxValueKind.Tensor or OnnxValueKind.Optional))
            {
                throw new NotSupportedException($"Output {output} is no tensor; ask for others only.");
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            using OrtRun run = new(session);
            using CancellationTokenRegistration registration = cancellationToken.Register(run.Terminate);
            return run.Run([.. Inputs.Select(input => (input.Name, inputs[input.Name]))], wanted);
        }
        catch (OrtException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            GC.KeepAlive(inputs);
            GC.KeepAlive(this);
        }
    }

    public IOnnxBinding CreateBinding() => new OnnxBinding(session.CreateBinding(), initializers);

    public void Dispose() => session.Dispose();

    private static string List(IReadOnlyList<OnnxValueInfo> values) => values.Count == 0 ? "none" : string.Join(", ", values.Select(value => value.Name));
}
