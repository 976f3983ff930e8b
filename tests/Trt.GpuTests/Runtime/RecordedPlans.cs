using Trt.Interop;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>Plans of 8.6.0's builder with what it answered, run in one of three ways.</summary>
/// <param name="files">Has them.</param>
/// <param name="way">How the library takes them.</param>
internal sealed class RecordedPlans(Files files, PlanWay way) : IPlanSource
{
    private readonly Dictionary<string, byte[]> read = [];

    /// <summary>Whether each engine unpacks a library of 33 MB.</summary>
    public bool IsLarge => way == PlanWay.LeanRuntimeInside;

    public bool TakesCallbacks => way != PlanWay.LoadRuntime;

    public byte[] LeNet => Read(way == PlanWay.LeanRuntimeInside ? "lenet.vc" : "lenet.vc_excl");

    public byte[] TwoProfiles => WithoutLeanRuntime("lenet.vc_excl_two_profiles");

    public byte[] NonZero => WithoutLeanRuntime("nonzero.vc_excl");

    public (float[] Values, float Tolerance) LeNetAnswers(int set)
    {
        using NpzFile answers = files.Answers(way == PlanWay.LeanRuntimeInside ? "lenet.vc" : "lenet.vc_excl");
        return (answers[$"set{set}.prob"].ToFloat32(), 0);
    }

    public IRuntime CreateRuntime(TensorRtLibrary library, ILogger logger)
    {
        IRuntime runtime = library.CreateInferRuntime(logger);
        if (way == PlanWay.LoadRuntime)
        {
            using (runtime)
            {
                return runtime.LoadRuntime(files.Lean(8));
            }
        }

        runtime.EngineHostCodeAllowed = way == PlanWay.LeanRuntimeInside;
        return runtime;
    }

    private byte[] WithoutLeanRuntime(string plan) => way == PlanWay.LeanRuntimeInside
        ? throw new MissingException($"there is no {plan.Split('.')[0]} plan with its lean runtime inside")
        : Read(plan);

    private byte[] Read(string plan) => read.TryGetValue(plan, out byte[]? bytes) ? bytes : read[plan] = files.Plan(plan);
}
