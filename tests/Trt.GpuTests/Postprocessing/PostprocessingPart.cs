namespace Trt.GpuTests;

/// <summary>Scores and boxes: each kernel against its twin on the CPU, and its time.</summary>
internal static class PostprocessingPart
{
    public static void Run(PartContext run)
    {
        new ScoreChecks(run.Checks, run.Device).Run();
        new BoxChecks(run.Checks, run.Device).Run();
        new PostprocessingTimes(run.Checks, run.Device).Run();
    }
}
