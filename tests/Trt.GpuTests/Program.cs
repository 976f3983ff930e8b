using Trt.GpuTests;

if (args is [IpcChild.Argument, ..])
{
    return IpcChild.Run(args);
}

if (args is [Verbs.Option, .. string[] verb])
{
    return Verbs.Run(verb);
}

CommandLine line;
try
{
    line = CommandLine.Parse(args);
}
catch (FormatException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    Console.Error.WriteLine(CommandLine.Usage);
    return 2;
}

if (line.Child is { } folder)
{
    return Child.Run(folder);
}

if (line.List)
{
    foreach (Part part in Parts.All)
    {
        Console.WriteLine($"{part.Name,-12} {part.Summary} (needs {part.Needs})");
    }

    return 0;
}

try
{
    using Run run = new(line);
    return run.Execute();
}
catch (DirectoryNotFoundException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    return 2;
}
