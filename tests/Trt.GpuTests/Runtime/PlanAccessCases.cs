using Trt.Interop;

namespace Trt.GpuTests;

/// <summary>Who may read a plan: host code inside is refused until it is allowed.</summary>
internal sealed class PlanAccessCases(Subject subject)
{
    public void Run()
    {
        subject.Case("host code in plans is not allowed at first, and permission is read back", () =>
        {
            subject.Needs("IRuntime.setEngineHostCodeAllowed");
            using IRuntime runtime = subject.BareRuntime();
            if (runtime.EngineHostCodeAllowed)
            {
                return "it is allowed at first";
            }

            runtime.EngineHostCodeAllowed = true;
            return runtime.EngineHostCodeAllowed ? null : "it is not read back";
        });
        subject.Case("a plan with its lean runtime inside is refused unless allowed", () =>
        {
            if (subject.Plans is BuiltPlans)
            {
                throw new MissingException("plans built here have no lean runtime inside");
            }

            using IRuntime runtime = subject.BareRuntime();
            return subject.Refused<TensorRtException>(() => runtime.DeserializeCudaEngine(subject.Files.Plan("lenet.vc")).Dispose(), "getEngineHostCodeAllowed");
        });
        subject.Case("tensors, shapes and profiles of the engine", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            string[] names = [.. Enumerable.Range(0, engine.NbIOTensors).Select(engine.GetIOTensorName)];
            Dims most = engine.GetProfileShape("data", 0, OptProfileSelector.Max);
            return names is not ["data", "prob"] ? $"tensors {string.Join(", ", names)}"
                : engine.GetTensorIOMode("data") != TensorIOMode.Input || engine.GetTensorIOMode("prob") != TensorIOMode.Output ? "input and output are mixed up"
                : engine.GetTensorDataType("data") != DataType.Float || engine.GetTensorDataType("prob"u8) != DataType.Float ? "types"
                : engine.GetTensorShape("data") != new Dims(-1, 1, 28, 28) || engine.GetTensorShape("prob"u8) != new Dims(-1, 10) ? $"shapes {engine.GetTensorShape("data")} and {engine.GetTensorShape("prob")}"
                : engine.NbOptimizationProfiles != 1 || most != new Dims(32, 1, 28, 28) ? $"{engine.NbOptimizationProfiles} profiles, the first up to {most}"
                : engine.GetTensorLocation("data") != TensorLocation.Device ? "data is not on the device"
                : engine.GetTensorBytesPerComponent("data") is not (4 or 0 or -1) ? $"{engine.GetTensorBytesPerComponent("data")} bytes a component"
                : engine.NbLayers < 1 ? "no layers"
                : null;
        });
    }
}
