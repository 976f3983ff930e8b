using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>What only engines of a builder at hand can do: refit, streamed weights, debug tensors. Others refuse it in words.</summary>
internal sealed class BuiltEngineCases(Subject subject)
{
    public void Run()
    {
        subject.Case("refit: other biases of the last layer shift its outputs", () =>
        {
            if (subject.Plans is not BuiltPlans plans)
            {
                using ICudaEngine fixedEngine = subject.LeNet();
                return fixedEngine.IsRefittable ? "the plan is said to be refittable" : subject.Refused<Exception>(() => subject.Library.CreateInferRefitter(fixedEngine, subject.Checks.Logger()).Dispose());
            }

            using ICudaEngine engine = subject.Engine(plans.Build(new BuildOptions { Refit = RefitKind.All }));
            using IRefitter refitter = subject.Library.CreateInferRefitter(engine, subject.Checks.Logger());
            string[] biases = [.. refitter.GetAllWeights().Where(name => name.Contains("fc2", StringComparison.Ordinal) && name.Contains("bias", StringComparison.Ordinal))];
            if (!engine.IsRefittable || biases is not [var bias])
            {
                return $"weights {string.Join(", ", refitter.GetAllWeights())}, refittable: {engine.IsRefittable}";
            }

            float[][] answers = [.. ((float[][])[new float[10], [.. Enumerable.Range(0, 10).Select(i => (float)i)]]).Select(values =>
            {
                refitter.SetNamedWeights(bias, Weights.From(values));
                refitter.RefitCudaEngine();
                using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
                run.Enqueue();
                return run.Values();
            })];

            // The outputs are logarithms of a softmax: all ten of a digit shift by one more number, so their differences are those of the biases.
            for (int i = 0; i < 200; i++)
            {
                int first = i / 10 * 10;
                float shift = answers[1][i] - answers[0][i] - (answers[1][first] - answers[0][first]);
                if (!(Math.Abs(shift - (i % 10)) < 1e-3f))
                {
                    return $"output {i} shifted by {shift}";
                }
            }

            return null;
        });
        subject.Case("weights that are streamed", () =>
        {
            subject.Needs("ICudaEngine.setWeightStreamingBudgetV2");
            if (subject.Plans is not BuiltPlans plans)
            {
                using ICudaEngine fixedEngine = subject.LeNet();
                return fixedEngine.StreamableWeightsSize > 0 ? $"{fixedEngine.StreamableWeightsSize} bytes are said to be streamable" : subject.Refused<TensorRtException>(() => fixedEngine.WeightStreamingBudgetV2 = 1000);
            }

            using ICudaEngine engine = subject.Engine(plans.Build(new BuildOptions { WeightStreaming = true, StronglyTyped = true }));
            long all = engine.StreamableWeightsSize;
            engine.WeightStreamingBudgetV2 = all / 4;
            subject.Checks.Note($"{all} bytes can be streamed, the budget is {engine.WeightStreamingBudgetV2}, {engine.WeightStreamingScratchMemorySize} bytes of scratch memory");
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            return engine.WeightStreamingBudgetV2 != all / 4 || all <= 0 ? "the budget is not read back" : run.Run();
        });
        subject.Case("debug tensors reach their listener, and one that throws fails the run", () =>
        {
            subject.Needs("IExecutionContext.setDebugListener", "INetworkDefinition.markDebug");
            if (subject.Plans is not BuiltPlans plans)
            {
                throw new MissingException("the plan has no debug tensors, and there is no builder");
            }

            using ICudaEngine engine = subject.Engine(plans.Build(new BuildOptions { Customize = network => network.MarkDebug(network.GetOutput(0)) }));
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            Listener listener = new(subject.Device);
            run.Context.DebugListener = listener;
            run.Context.SetTensorDebugState("prob", true);
            string? wrong = run.Run();
            run.Context.SetTensorDebugState("prob", false);
            wrong ??= run.Run();
            if (wrong is not null || listener.Calls != 1 || listener.Shape != new Dims(20, 10) || subject.Wrong(listener.Values) is not null)
            {
                return wrong ?? $"{listener.Calls} calls, shape {listener.Shape}";
            }

            run.Context.SetTensorDebugState("prob", true);
            listener.Throws = true;
            wrong = subject.Refused<TensorRtException>(run.Enqueue, nameof(InvalidTimeZoneException));
            run.Stream.Synchronize();
            run.Context.DebugListener = null;
            return wrong;
        });
    }

    private sealed class Listener(Device device) : IDebugListener
    {
        public bool Throws { get; set; }

        public int Calls { get; private set; }

        public Dims Shape { get; private set; }

        public float[] Values { get; private set; } = [];

        public bool ProcessDebugTensor(nint addr, TensorLocation location, DataType type, Dims shape, string name, nint stream)
        {
            if (Throws)
            {
                throw new InvalidTimeZoneException("not today");
            }

            Calls++;
            Shape = shape;
            CudaStream.FromHandle(stream, device).Synchronize();
            Values = DeviceMemory<float>.FromPointer(addr, shape.Volume, device).ToArray();
            return true;
        }
    }
}
