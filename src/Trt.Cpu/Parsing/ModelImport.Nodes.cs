using Trt.Interop;
using Trt.Onnx;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing;

/// <content>Nodes: checked, then imported as long as nothing was refused.</content>
internal sealed partial class ModelImport
{
    private void ImportGraph(GraphProto graph)
    {
        foreach (TensorProto initializer in graph.Initializer)
        {
            Scope.Add(initializer.Name, new ImportedValue(Tensors.Read(initializer)));
        }

        List<int> order = NodeOrder.Sort(graph.Node)
            ?? throw new ImportRefusal(ParseCode.InvalidGraph, "Failed to sort the model topologically: nodes read one another's outputs in a circle, or two outputs have the same name.");
        foreach (int index in order)
        {
            ImportNode(graph.Node[index], index);
        }
    }

    /// <summary>Checks a node, and imports it while no error is known. Errors of several nodes are found in one run.</summary>
    private void ImportNode(NodeProto proto, int index)
    {
        ImportNode node = new(this, proto, index);
        FunctionProto? function = Function(proto);
        Action<ImportNode>? check = function is null ? importers.Check(proto.OpType) : null;
        if (proto.Output.Count == 0)
        {
            Errors.Add(node.Located(new ImportRefusal(ParseCode.InvalidNode, $"Node {node.Name} has no outputs; a node must have at least one.").Error));
            return;
        }

        try
        {
            check?.Invoke(node);
        }
        catch (ImportRefusal refusal)
        {
            Errors.Add(node.Located(refusal.Error));
        }

        if (Errors.Count > 0)
        {
            return;
        }

        try
        {
            Import(node, function);
        }
        catch (ImportStopped)
        {
            // What was refused inside stands among the errors.
        }
        catch (ImportRefusal refusal)
        {
            Errors.Add(node.Located(refusal.Error));
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            string text = heard.NbErrors > 0 ? heard.Text($"Invalid Node - {node.Name}") : $"Invalid Node - {node.Name}\n{error.Message}";
            Errors.Add(node.Located(new ImportRefusal(ParseCode.InvalidNode, text).Error));
        }
    }

    private void Import(ImportNode node, FunctionProto? function)
    {
        NodeProto proto = node.Proto;
        foreach (string name in proto.Input)
        {
            ImportedValue? value = null;
            if (name.Length > 0 && !Scope.TryFind(name, out value))
            {
                throw new ImportRefusal(ParseCode.InvalidGraph, $"Node input was not registered: {name} is no input, no initializer and no output of a node before.");
            }

            node.AddInput(value);
        }

        ImportedValue?[] outputs = function is not null ? CallFunction(node, function) : importers.Import(proto.OpType)(node);
        NodeOutputs[node.Name] = [.. outputs.Select(output => output?.Tensor)];
        foreach (ImportedValue? output in outputs)
        {
            _ = output?.Tensor?.Dimensions;
        }

        if (heard.NbErrors > 0)
        {
            throw new ImportRefusal(ParseCode.InvalidNode, heard.Text($"Invalid Node - {node.Name}"));
        }

        if (proto.Output.Count > outputs.Length)
        {
            throw new ImportRefusal(ParseCode.InvalidGraph, $"Node {node.Name} has {proto.Output.Count} outputs where {proto.OpType} gives {outputs.Length}.");
        }

        for (int i = 0; i < proto.Output.Count; i++)
        {
            if (proto.Output[i] is { Length: > 0 } name && outputs[i] is { } output)
            {
                if (output.Tensor?.Type == DataType.UInt8 && !modelOutputs.Contains(name))
                {
                    throw new ImportRefusal(ParseCode.UnsupportedNode, $"Tensor {name} has type UINT8, which only inputs and outputs of a network may have; cast to another type.");
                }

                Register(name, output, proto.OpType == "Constant");
            }
        }
    }

    private void Register(string name, ImportedValue value, bool isOfModel)
    {
        string unique = Names.Tensor(name);
        if (value.Tensor is { IsNetworkInput: false } tensor)
        {
            tensor.Name = unique;
        }
        else if (value.Constant is { Tensor: null } constant)
        {
            constant.Name = unique;
            constant.IsOfModel |= isOfModel;
        }

        Scope.Add(name, value);
    }

    /// <summary>The model's function that a node calls; the standard's operators come first unless the node names a domain of its own.</summary>
    private FunctionProto? Function(NodeProto node)
    {
        bool own = node.Domain is not ("" or "ai.onnx");
        return functions.TryGetValue((node.Domain, node.OpType), out FunctionProto? function) && (own || !importers.Has(node.OpType)) ? function : null;
    }

    private ImportedValue?[] CallFunction(ImportNode node, FunctionProto function)
    {
        NodeProto proto = node.Proto;
        if (proto.Input.Count > function.Input.Count)
        {
            throw new ImportRefusal(ParseCode.InvalidNode, $"Local function {function.Name} takes {function.Input.Count} inputs, but node {node.Name} gives {proto.Input.Count}.");
        }

        if (calls.Any(call => call.Function == function))
        {
            throw new ImportRefusal(ParseCode.InvalidGraph, $"Local function {function.Name} calls itself, which cannot be imported.");
        }

        Scope outer = Scope;
        IReadOnlyDictionary<string, long> outerOpsets = opsets;
        Dictionary<string, AttributeProto> attributes = node.Attributes();
        foreach (AttributeProto attribute in function.AttributeProto)
        {
            attributes.TryAdd(attribute.Name, attribute);
        }

        Enter();
        Scope = new Scope(null);
        for (int i = 0; i < proto.Input.Count; i++)
        {
            Scope.Add(function.Input[i], node.InputOrNull(i));
        }

        opsets = function.OpsetImport.Count > 0 ? Versions(function.OpsetImport) : opsets;
        calls.Push(new LocalFunction(function, attributes, opsets));
        try
        {
            List<int> order = NodeOrder.Sort(function.Node)
                ?? throw new ImportRefusal(ParseCode.InvalidGraph, $"The nodes of local function {function.Name} read one another's outputs in a circle, or two outputs have the same name.");
            foreach (int index in order)
            {
                ImportNode(function.Node[index], node.Index);
            }

            return Errors.Count > 0
                ? throw new ImportStopped()
                : [.. function.Output.Select(output => Find(output) ?? throw new ImportRefusal(ParseCode.InvalidNode, $"Output {output} of local function {function.Name} is made by no node."))];
        }
        finally
        {
            calls.Pop();
            opsets = outerOpsets;
            Scope = outer;
            depth--;
        }
    }
}
