using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>An engine of a library.</summary>
internal sealed class EngineRunner : ComparedRunner
{
    private readonly ICudaEngine engine;
    private readonly InferenceRunner runner;

    public EngineRunner(string name, TensorRtLibrary library, ICudaEngine engine)
        : base(name, library.ToString())
    {
        this.engine = engine;
        try
        {
            runner = new InferenceRunner(engine, new RunnerOptions { Name = name });
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    public IReadOnlyList<TensorSpec> Inputs => runner.Inputs;

    public override void Dispose()
    {
        runner.Dispose();
        engine.Dispose();
    }

    protected override IReadOnlyDictionary<string, OnnxTensor> Compute(int sample, IReadOnlyDictionary<string, OnnxTensor> inputs, CancellationToken cancellation) =>
        runner.Run(runner.Inputs.ToDictionary(input => input.Name, input => Fit(inputs, input)));

    /// <summary>An input of the engine's type: releases without 64-bit integers take 32 bits.</summary>
    private OnnxTensor Fit(IReadOnlyDictionary<string, OnnxTensor> inputs, TensorSpec input)
    {
        OnnxTensor tensor = inputs.TryGetValue(input.Name, out OnnxTensor? given) ? given : throw new UserError($"{Name} has an input \"{input.Name}\", for which there is no value. Give it with --input {input.Name}=FILE.");
        OnnxElementType wanted = OnnxTensorRuns.TypeOf(input.DataType);
        return tensor.ElementType == wanted ? tensor : Tensors.ToOnnx(Tensors.ToTorch(tensor, input.Name).ConvertTo(ElementType.Of(input.DataType, input.Name), ConversionRule.Exact));
    }
}
