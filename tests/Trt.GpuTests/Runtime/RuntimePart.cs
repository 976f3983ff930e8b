using Trt.Interop;

namespace Trt.GpuTests;

/// <summary>What a runtime must be seen to do: one list of cases for each library, and for each way in which it takes plans.</summary>
internal static class RuntimePart
{
    public static void Run(PartContext part)
    {
        foreach (Subject subject in Subjects(part))
        {
            part.Output.WriteLine($"-- {subject.Name}");
            Run(subject);
        }
    }

    /// <summary>All cases of one subject.</summary>
    public static void Run(Subject subject)
    {
        new PlanAccessCases(subject).Run();
        new ContextCases(subject).Run();
        new GraphCases(subject).Run();
        new OutputCases(subject).Run();
        new SettingCases(subject).Run();
        new WatchCases(subject).Run();
        new ContextMemoryCases(subject).Run();
        new AllocatorCases(subject).Run();
        new StreamReaderCases(subject).Run();
        new BuiltEngineCases(subject).Run();
    }

    /// <summary>The ways in which the part's library takes plans here.</summary>
    public static IReadOnlyList<Subject> Subjects(PartContext part)
    {
        List<Subject> subjects = [];
        ILogger logger = part.Checks.Logger();
        if (part.Library.HasBuilder)
        {
            subjects.Add(new Subject(part, "plans built here", new BuiltPlans(part), logger));
        }
        else if (part.Library.Version.Major == 8)
        {
            subjects.Add(new Subject(part, "plans of 8.6.0", new RecordedPlans(part.Files, PlanWay.Directly), logger));
        }
        else if (part.Library.Version.Major == 10)
        {
            subjects.Add(new Subject(part, "lean runtime inside the plan", new RecordedPlans(part.Files, PlanWay.LeanRuntimeInside), logger));
            if (part.Files.HasLean(8))
            {
                subjects.Add(new Subject(part, "through LoadRuntime", new RecordedPlans(part.Files, PlanWay.LoadRuntime), logger));
            }
        }

        return subjects;
    }
}
