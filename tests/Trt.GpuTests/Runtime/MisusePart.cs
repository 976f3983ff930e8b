namespace Trt.GpuTests;

/// <summary>What a program can do wrong, with the library behind: an exception or an answer, never the end of the process.</summary>
internal static class MisusePart
{
    public static void Run(PartContext part)
    {
        foreach (Subject subject in RuntimePart.Subjects(part))
        {
            part.Output.WriteLine($"-- {subject.Name}");
            new WrongCallCases(subject).Run();
            new LifetimeCases(subject).Run();
            new WrongPlanCases(subject).Run();
            new AloneCases(subject, part).Run();
        }
    }
}
