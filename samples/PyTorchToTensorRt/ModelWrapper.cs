using Trt.Interop;
using Trt.Utils;

namespace PyTorchToTensorRt;

/// <summary>A model behind one method: ONNX Runtime where no GPU is named, TensorRT otherwise. Classes derived from it say what goes in and what comes out.</summary>
/// <typeparam name="TItem">What users give, such as a picture's path.</typeparam>
/// <typeparam name="TResult">What they get.</typeparam>
internal abstract class ModelWrapper<TItem, TResult> : IDisposable
{
    private readonly IOnnxSession? session;
    private readonly InferenceRunner? runner;
    private readonly Dims shape;

    /// <param name="onnxPath">The model; needed without a GPU, or without a plan.</param>
    /// <param name="planPath">An engine that was built before.</param>
    /// <param name="library">TensorRT; null to run with ONNX Runtime.</param>
    /// <param name="intraOpThreads">Threads of ONNX Runtime within an operator; 0: as it likes.</param>
    /// <param name="interOpThreads">Threads of ONNX Runtime for operators at once; 0: as it likes.</param>
    /// <param name="fp16">Whether an engine that is built here may compute in 16 bits.</param>
    /// <param name="itemShape">Shape of one item with its batch of 1.</param>
    protected ModelWrapper(Dims itemShape, string? onnxPath = null, string? planPath = null, TensorRtLibrary? library = null, int intraOpThreads = 0, int interOpThreads = 0, bool fp16 = false)
    {
        shape = itemShape;
        if (library is null)
        {
            session = TensorRt.OpenOnnx(onnxPath!, new OnnxSessionOptions { IntraOpThreads = intraOpThreads, InterOpThreads = interOpThreads });
            return;
        }

        if (planPath is null)
        {
            using BuiltEngine engine = new EngineBuilder(library).Build(onnxPath!, new BuildOptions { Precision = fp16 ? Precision.FP16 : Precision.FP32 });
            runner = InferenceRunner.Load(engine.Plan.AsSpan(), library);
        }
        else
        {
            runner = InferenceRunner.Load(planPath, library);
        }
    }

    public TResult Run(TItem item)
    {
        float[] values = ProcessItem(item);
        if (session is not null)
        {
            string input = session.Inputs[0].Name;
            return ProcessPredictions(session.Run(new Dictionary<string, OnnxTensor> { [input] = OnnxTensor.From(values, [.. shape]) })[session.Outputs[0].Name].ToArray<float>());
        }

        return ProcessPredictions(runner!.Run(TensorBinding.Of(runner.Inputs[0].Name, values, shape))[runner.Outputs[0].Name].ToArray<float>());
    }

    public void Dispose()
    {
        session?.Dispose();
        runner?.Dispose();
    }

    /// <summary>Makes the model's input of an item.</summary>
    protected abstract float[] ProcessItem(TItem item);

    /// <summary>Makes the result of the model's output.</summary>
    protected abstract TResult ProcessPredictions(ReadOnlySpan<float> predictions);
}
